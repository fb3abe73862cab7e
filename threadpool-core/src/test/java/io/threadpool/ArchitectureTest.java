package io.threadpool;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Keeps the picture of who depends on whom: the front on the engine, the engine on the mechanisms,
 * and those on nothing of ours but values and the padding.
 */
class ArchitectureTest {

  private static final Set<String> FRONT =
      Set.of(
          "WorkerPool",
          "WorkerPoolBuilder",
          "DefaultWorkerPool",
          "BulkCall",
          "Closing",
          "ExitHook",
          "Rehearsal",
          "WorkerThreads");

  private static final Set<String> ENGINE =
      Set.of(
          "PoolCore",
          "PoolHandle",
          "PoolConfig",
          "Admission",
          "Worker",
          "WorkerState",
          "Rest",
          "WorkerStart",
          "Frame",
          "Guests",
          "Lifecycle",
          "Quiescence",
          "Abort",
          "Watch",
          "Sweeping",
          "Joins",
          "Ledger",
          "Events",
          "Task",
          "TaskState",
          "Stage",
          "Waiter",
          "Wrapped",
          "DecoratedBody");

  private static final Set<String> QUEUE = Set.of("TaskQueue", "Segment", "HeldSlot");
  private static final Set<String> IDLE = Set.of("IdleWorkers", "Parker");
  private static final Set<String> PERMITS = Set.of("Permits");
  private static final Set<String> ERRANDS = Set.of("Errands", "Timers");

  private static final Set<String> BASE =
      Set.of(
          "PaddedLong", "PaddedValue", "PaddingBefore", "Gate", "StackProbe", "Threads", "Checks");

  private static final Set<String> VALUES =
      Set.of(
          "ShutdownPolicy",
          "SaturationPolicy",
          "RejectedTaskException",
          "TaskAbortedException",
          "PoolStats",
          "TerminationReport",
          "StuckTask",
          "Counts",
          "Outcome",
          "Failures");

  private final JavaClasses core =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.threadpool");

  @Test
  void eachClassHasItsPlaceInThePicture() {
    Set<String> placed =
        Stream.of(FRONT, ENGINE, QUEUE, IDLE, PERMITS, ERRANDS, BASE, VALUES)
            .flatMap(Set::stream)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> found =
        core.stream()
            .map(ArchitectureTest::topLevelName)
            .filter(name -> !name.endsWith("-info"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(placed, found);
  }

  @Test
  void dependenciesPointInwards() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("front")
        .definedBy(in(FRONT))
        .layer("engine")
        .definedBy(in(ENGINE))
        .layer("queue")
        .definedBy(in(QUEUE))
        .layer("idle")
        .definedBy(in(IDLE))
        .layer("permits")
        .definedBy(in(PERMITS))
        .layer("errands")
        .definedBy(in(ERRANDS))
        .layer("base")
        .definedBy(in(BASE))
        .layer("values")
        .definedBy(in(VALUES))
        .whereLayer("front")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("engine")
        .mayOnlyBeAccessedByLayers("front")
        .whereLayer("queue")
        .mayOnlyBeAccessedByLayers("front", "engine")
        .whereLayer("idle")
        .mayOnlyBeAccessedByLayers("engine")
        .whereLayer("permits")
        .mayOnlyBeAccessedByLayers("engine")
        .whereLayer("errands")
        .mayOnlyBeAccessedByLayers("front", "engine")
        .whereLayer("values")
        .mayOnlyBeAccessedByLayers("front", "engine")
        .check(core);
  }

  @Test
  void theMechanismsKnowNothingOfTasks() {
    noClasses()
        .that(in(QUEUE).or(in(IDLE)).or(in(PERMITS)).or(in(BASE)))
        .should()
        .dependOnClassesThat(in(ENGINE).or(in(FRONT)).or(in(VALUES)))
        .check(core);
  }

  @Test
  void publicTypesAreFinalOrInterfacesAndExposeOnlyPublicTypes() {
    classes()
        .that()
        .arePublic()
        .should(
            new ArchCondition<>("be final, an interface or an enum") {
              @Override
              public void check(JavaClass item, ConditionEvents events) {
                boolean closed =
                    item.isInterface()
                        || item.isEnum()
                        || item.getModifiers().contains(JavaModifier.FINAL);
                events.add(new SimpleConditionEvent(item, closed, item.getName()));
              }
            })
        .check(core);
    methods()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .arePublic()
        .should(
            new ArchCondition<>("mention only public types of ours") {
              @Override
              public void check(JavaMethod item, ConditionEvents events) {
                boolean open =
                    item.getAllInvolvedRawTypes().stream()
                        .filter(type -> type.getPackageName().equals("io.threadpool"))
                        .allMatch(type -> type.getModifiers().contains(JavaModifier.PUBLIC));
                events.add(new SimpleConditionEvent(item, open, item.getFullName()));
              }
            })
        .check(core);
  }

  @Test
  void theCoreNeedsNothingButTheJdkAndSlf4j() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("io.threadpool", "java..", "org.slf4j..", "org.jspecify..")
        .check(core);
  }

  /** So that it may jump. */
  @Test
  void nothingReadsTheWallClock() {
    noClasses()
        .that()
        .resideInAPackage("io.threadpool")
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(LockSupport.class, "parkUntil", Object.class, long.class)
        .orShould()
        .callMethod(LockSupport.class, "parkUntil", long.class)
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Instant.class, Clock.class, Date.class)
        .check(core);
  }

  private static DescribedPredicate<JavaClass> in(Set<String> names) {
    return DescribedPredicate.describe(
        "one of " + Arrays.toString(names.toArray()),
        type ->
            type.getPackageName().equals("io.threadpool") && names.contains(topLevelName(type)));
  }

  private static String topLevelName(JavaClass type) {
    String simple = type.getName().substring(type.getPackageName().length() + 1);
    int nested = simple.indexOf('$');
    return nested < 0 ? simple : simple.substring(0, nested);
  }
}

package io.threadpool;

import static org.objectweb.asm.Opcodes.ASM9;
import static org.objectweb.asm.Opcodes.INVOKESTATIC;
import static org.objectweb.asm.Opcodes.RETURN;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;
import java.util.Set;
import net.bytebuddy.agent.ByteBuddyAgent;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;

/**
 * Puts {@link ModelWorld} in the place of the clock, the timer and {@code park} in the library's
 * classes as they are loaded, and takes the stack probe out, whose recursion Lincheck would take
 * for an endless one. Nothing else is changed: what is explored is the real code.
 */
public final class Weaver implements LauncherSessionListener, ClassFileTransformer {

  private static final String PACKAGE = "io/threadpool/";
  private static final String WORLD = PACKAGE + "internal/ModelWorld";
  private static final String PROBE = PACKAGE + "internal/StackProbe";
  private static final Set<String> REPLACED =
      Set.of(
          "java/lang/System.nanoTime",
          "java/util/concurrent/TimeUnit.timedWait",
          "java/util/concurrent/locks/LockSupport.park",
          "java/util/concurrent/locks/LockSupport.parkNanos",
          "java/util/concurrent/locks/LockSupport.unpark");

  /** Before any test class is loaded. */
  @Override
  public void launcherSessionOpened(LauncherSession session) {
    weave();
  }

  static void weave() {
    Instrumentation jvm = ByteBuddyAgent.install();
    jvm.addTransformer(new Weaver(), true);
    for (Class<?> loaded : jvm.getAllLoadedClasses()) {
      if (isLibrarys(loaded.getName().replace('.', '/'), loaded.getProtectionDomain())) {
        try {
          jvm.retransformClasses(loaded);
        } catch (UnmodifiableClassException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  private static boolean isLibrarys(String name, ProtectionDomain domain) {
    return name.startsWith(PACKAGE)
        && domain != null
        && domain.getCodeSource() != null
        && domain.getCodeSource().getLocation().getPath().endsWith("/classes/");
  }

  @Override
  public byte[] transform(
      ClassLoader loader, String name, Class<?> old, ProtectionDomain domain, byte[] bytes) {
    if (name == null || !isLibrarys(name, domain)) {
      return null;
    }
    ClassReader reader = new ClassReader(bytes);
    ClassWriter writer = new ClassWriter(reader, 0);
    reader.accept(
        new ClassVisitor(ASM9, writer) {
          @Override
          public MethodVisitor visitMethod(
              int access, String method, String type, String signature, String[] thrown) {
            MethodVisitor code = super.visitMethod(access, method, type, signature, thrown);
            if (name.equals(PROBE) && method.startsWith("ensure")) {
              code.visitCode();
              code.visitInsn(RETURN);
              code.visitMaxs(0, 0);
              code.visitEnd();
              return null;
            }
            return new Calls(code);
          }
        },
        0);
    return writer.toByteArray();
  }

  /** Turns the calls to be replaced around. */
  private static final class Calls extends MethodVisitor {

    Calls(MethodVisitor code) {
      super(ASM9, code);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String method, String type, boolean isInterface) {
      if (!REPLACED.contains(owner + "." + method)) {
        super.visitMethodInsn(opcode, owner, method, type, isInterface);
        return;
      }
      String receiver = opcode == INVOKESTATIC ? "" : "L" + owner + ";";
      super.visitMethodInsn(INVOKESTATIC, WORLD, method, "(" + receiver + type.substring(1), false);
    }
  }
}

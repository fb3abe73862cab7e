package io.threadpool.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/**
 * The code of one of the README's recipes, to be compiled in the surroundings that it leaves out.
 */
record Recipe(String code) {

  /** What the recipes' readers import with their editors. */
  private static final String IMPORTS =
      """
      import static java.nio.charset.StandardCharsets.UTF_8;
      import com.sun.net.httpserver.*;
      import io.micrometer.core.instrument.*;
      import io.micrometer.core.instrument.simple.*;
      import io.threadpool.*;
      import io.threadpool.micrometer.*;
      import java.net.InetSocketAddress;
      import java.nio.file.*;
      import java.time.Duration;
      import java.util.*;
      import java.util.concurrent.*;
      import java.util.concurrent.atomic.*;
      import java.util.function.*;
      import java.util.stream.*;
      import javax.management.*;
      import org.slf4j.*;
      import org.springframework.context.annotation.*;
      import org.springframework.scheduling.annotation.*;
      """;

  private static final Pattern SECTION =
      Pattern.compile("^### ([^\\n]+)\\n\\n```java\\n(.*?)```", Pattern.DOTALL | Pattern.MULTILINE);

  /** All recipes of the README, by their headings. */
  static Map<String, Recipe> all() throws IOException {
    String readme = Files.readString(Path.of(System.getProperty("project.root"), "README.md"));
    String recipes = readme.substring(readme.indexOf("\n## Recipes\n"));
    Map<String, Recipe> all = new LinkedHashMap<>();
    Matcher section = SECTION.matcher(recipes);
    while (section.find()) {
      all.put(section.group(1), new Recipe(section.group(2)));
    }
    return all;
  }

  static Recipe named(String heading) throws IOException {
    Recipe recipe = all().get(heading);
    assertTrue(recipe != null, () -> "no recipe " + heading);
    return recipe;
  }

  /** The recipe with something else in place of what is only an example. */
  Recipe with(String example, String replacement) {
    assertTrue(code.contains(example), code);
    return new Recipe(code.replace(example, replacement));
  }

  /**
   * Compiles it.
   *
   * @param classes where to
   * @param type the public type that it becomes part of
   * @param before what comes before it, from the type's declaration on
   * @param after what comes after it
   */
  void compile(Path classes, String type, String before, String after) throws IOException {
    String source = IMPORTS + before + "\n" + code + "\n" + after;
    Path file = Files.writeString(classes.resolve(type + ".java"), source);
    StringWriter problems = new StringWriter();
    PrintWriter writer = new PrintWriter(problems);
    ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
    String classPath = System.getProperty("java.class.path");
    int status =
        javac.run(
            writer,
            writer,
            "-proc:none",
            "-cp",
            classPath,
            "-d",
            classes.toString(),
            file.toString());
    assertEquals(0, status, () -> source + problems);
  }
}

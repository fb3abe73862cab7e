package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** The documentation as it is published. */
class JavadocIT {

  private static final String JAR =
      System.getProperty("artifact.jar").replaceFirst("\\.jar$", "-javadoc.jar");
  private static final String PACKAGE = "io.threadpool/io/threadpool/";

  private static String page(String name) throws IOException {
    try (JarFile jar = new JarFile(JAR);
        InputStream page = jar.getInputStream(jar.getEntry(name))) {
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void theFrontPageLeadsToTheContractAndToTheRecipes() throws IOException {
    assertTrue(page("index.html").contains("io.threadpool/module-summary.html"));
    String front = page("io.threadpool/module-summary.html");
    String target = page(PACKAGE + "package-summary.html");
    for (String section : List.of("contract", "memory", "threads", "recipes")) {
      assertTrue(front.contains("\"io/threadpool/package-summary.html#" + section + "\""), section);
      assertTrue(target.contains("id=\"" + section + "\""), section);
    }
  }

  @Test
  void eachPageNamesTheLicence() throws IOException {
    for (String name : List.of("WorkerPool", "Task", "package-summary")) {
      String page = page(PACKAGE + name + ".html");
      assertTrue(page.contains("Apache License, Version 2.0"), name);
      assertTrue(!page.contains("All rights reserved"), name);
    }
  }

  @Test
  void theSizeComesWithAdvice() throws IOException {
    assertTrue(page(PACKAGE + "WorkerPoolBuilder.html").contains("as many as there are"));
  }
}

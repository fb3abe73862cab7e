package io.threadpool.stress;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The only class in the jar: starts {@link RunStress} from the class files and libraries that lie
 * beside it, so that what was compiled last is what runs. The forks get the same class path.
 */
public final class Launch {

  private Launch() {}

  /**
   * Runs the stress tests.
   *
   * @param arguments those of {@link RunStress}
   * @throws Exception as that
   */
  public static void main(String[] arguments) throws Exception {
    URL jar = Launch.class.getProtectionDomain().getCodeSource().getLocation();
    Path target = Path.of(jar.toURI()).getParent();
    List<File> path = new ArrayList<>();
    path.add(target.resolve("classes").toFile());
    path.add(target.resolve("jcstress-classes").toFile());
    File[] libraries = target.resolve("jcstress-lib").toFile().listFiles();
    path.addAll(libraries == null ? List.of() : List.of(libraries));
    URL[] urls = new URL[path.size()];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = path.get(i).toURI().toURL();
    }
    System.setProperty(
        "java.class.path",
        String.join(File.pathSeparator, path.stream().map(File::getPath).toList()));
    try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      Thread.currentThread().setContextClassLoader(loader);
      loader
          .loadClass("io.threadpool.stress.RunStress")
          .getMethod("main", String[].class)
          .invoke(null, (Object) arguments);
    }
  }
}

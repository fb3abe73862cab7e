package io.threadpool.examples.page;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.net.PortProber;

/**
 * A headless browser, as it is installed here. Where there is none a test is skipped, unless the
 * environment has BROWSER_TESTS=required.
 */
final class Chromium {
  private Chromium() {}

  static ChromeDriver start() {
    File driver = find("chromedriver");
    File browser = find("chromium", "chromium-browser", "google-chrome");
    boolean isThere = driver != null && browser != null;
    if ("required".equals(System.getenv("BROWSER_TESTS"))) {
      assertTrue(isThere, "BROWSER_TESTS=required, and there is no chromium and chromedriver");
    }
    assumeTrue(isThere, "there is no chromium and chromedriver");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(browser); // With both named, Selenium looks for neither.
    options.addArguments(
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,900");
    try {
      int port = PortProber.findFreePort();
      List<String> arguments = List.of("--port=" + port, "--log-level=OFF");
      ChromeDriverService service =
          new ChromeDriverService(driver, port, Duration.ofMinutes(1), arguments, Map.of());
      return new ChromeDriver(service, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static File find(String... names) {
    String[] folders =
        Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator);
    return Arrays.stream(names)
        .flatMap(name -> Stream.of(folders).map(folder -> new File(folder, name)))
        .filter(File::canExecute)
        .findFirst()
        .orElse(null);
  }

  /** Shows the page as on a screen of that width, in those colours. */
  static void emulate(ChromeDriver browser, int width, String scheme) {
    browser.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    browser.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 600));
  }

  /** Leaves a picture of the whole page. */
  static void picture(ChromeDriver browser, Path file) throws IOException {
    Map<String, Object> answer =
        browser.executeCdpCommand(
            "Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode((String) answer.get("data")));
  }
}

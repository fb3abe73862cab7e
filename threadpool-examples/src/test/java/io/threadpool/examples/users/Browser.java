package io.threadpool.examples.users;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;

/** Clients of a web server: each request on a connection and a thread of its own. */
final class Browser {
  /** What a client gets whose connection is closed, reset or refused without an answer. */
  static final String NO_ANSWER = "no answer";

  private static final int TIMEOUT_MILLIS = 30_000;

  private final int port;

  Browser(int port) {
    this.port = port;
  }

  /** Asks for a path on the calling thread; returns the status and the page, as "200 page". */
  String get(String path) throws IOException {
    String answer;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      String request = "GET " + path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
    } catch (java.net.SocketException closed) {
      return NO_ANSWER;
    }
    if (answer.isEmpty()) {
      return NO_ANSWER;
    }
    String status = answer.substring(answer.indexOf(' ') + 1).substring(0, 3);
    return status + " " + answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  /** Asks for a path so many times at once. */
  List<FutureTask<String>> start(int times, String path) {
    List<FutureTask<String>> answers = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      FutureTask<String> answer = new FutureTask<>(() -> get(path));
      answers.add(answer);
      new Thread(answer, "browser-" + i).start();
    }
    return answers;
  }

  /** Asks for a path so many times at once, and waits for the answers. */
  List<String> getAll(int times, String path) throws Exception {
    return all(start(times, path));
  }

  static List<String> all(List<FutureTask<String>> answers) throws Exception {
    List<String> all = new ArrayList<>();
    for (FutureTask<String> answer : answers) {
      all.add(answer.get());
    }
    return all;
  }
}

package io.threadpool.examples.serve;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client asks for, as far as this server cares.
 *
 * @param method the method, case-sensitive
 * @param path the path of the target, without query; as sent when the target is no path or URL
 */
record Request(String method, String path) {
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

  private static final Pattern REQUEST_LINE =
      Pattern.compile("(" + TOKEN + ") ([\\x21-\\x7E]+) HTTP/1\\.([0-9])");

  /** Possessive, so that a long line takes time in proportion to its length and no deep stack. */
  private static final Pattern FIELD_LINE =
      Pattern.compile("(" + TOKEN + "):[\\t\\x20-\\x7E\\x80-\\xFF]*+");

  private static final Pattern ABSOLUTE_TARGET =
      Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*([^?#]*).*");

  /**
   * Parses a head as RFC 9112 has it.
   *
   * @throws RequestException if it is malformed
   */
  static Request parse(String head) throws RequestException {
    List<String> lines = List.of(head.split("\r?\n"));
    Matcher first = REQUEST_LINE.matcher(lines.get(0));
    if (!first.matches()) {
      throw malformed("The request line is malformed.");
    }
    int hosts = 0;
    for (String line : lines.subList(1, lines.size())) {
      Matcher field = FIELD_LINE.matcher(line);
      if (!field.matches()) {
        throw malformed("A header field is malformed.");
      }
      if (field.group(1).toLowerCase(Locale.ROOT).equals("host")) {
        hosts++;
      }
    }
    if (hosts > 1 || (hosts == 0 && !first.group(3).equals("0"))) {
      throw malformed("A request must have one Host field.");
    }
    String method = first.group(1);
    return new Request(method, path(method, first.group(2)));
  }

  /** The path in any of the four forms of a target (RFC 9112, 3.2). */
  private static String path(String method, String target) throws RequestException {
    if (target.startsWith("/")) {
      return target.split("[?#]", 2)[0];
    }
    Matcher absolute = ABSOLUTE_TARGET.matcher(target);
    if (absolute.matches()) {
      return absolute.group(1).isEmpty() ? "/" : absolute.group(1);
    }
    boolean noPath = target.equals("*") || method.equals("CONNECT");
    if (!noPath) {
      throw malformed("The target of the request is malformed.");
    }
    return target;
  }

  private static RequestException malformed(String message) {
    return new RequestException(Status.BAD_REQUEST, message);
  }
}

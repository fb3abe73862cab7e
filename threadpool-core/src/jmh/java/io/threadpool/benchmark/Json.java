package io.threadpool.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the JSON that JMH writes, as maps, lists, strings and numbers. */
final class Json {

  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  static Object parse(String text) {
    return new Json(text).value();
  }

  private Object value() {
    switch (peek()) {
      case '{':
        return object();
      case '[':
        return array();
      case '"':
        return string();
      default:
        return word();
    }
  }

  private Map<String, Object> object() {
    Map<String, Object> members = new LinkedHashMap<>();
    for (at++; peek() != '}'; skip(',')) {
      String name = string();
      skip(':');
      members.put(name, value());
    }
    at++;
    return members;
  }

  private List<Object> array() {
    List<Object> elements = new ArrayList<>();
    for (at++; peek() != ']'; skip(',')) {
      elements.add(value());
    }
    at++;
    return elements;
  }

  private String string() {
    peek();
    StringBuilder string = new StringBuilder();
    for (at++; text.charAt(at) != '"'; at++) {
      if (text.charAt(at) == '\\') {
        at++; // Only to keep the quote apart; no name or number that is read here is escaped.
      }
      string.append(text.charAt(at));
    }
    at++;
    return string.toString();
  }

  private Object word() {
    int start = at;
    while (at < text.length() && ",]} \r\n\t".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String word = text.substring(start, at);
    try {
      return Double.valueOf(word);
    } catch (NumberFormatException e) {
      return word; // true, false and null
    }
  }

  private void skip(char separator) {
    if (peek() == separator) {
      at++;
    }
  }

  private char peek() {
    while (Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return text.charAt(at);
  }
}

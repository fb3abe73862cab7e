package io.threadpool.examples.checksum;

/** The two digits of a byte, in lower case. */
final class Hex {
  private static final char[] DIGITS = "0123456789abcdef".toCharArray();

  private Hex() {}

  static char high(byte b) {
    return DIGITS[(b >> 4) & 0xF];
  }

  static char low(byte b) {
    return DIGITS[b & 0xF];
  }
}

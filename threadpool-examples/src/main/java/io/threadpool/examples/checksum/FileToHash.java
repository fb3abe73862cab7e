package io.threadpool.examples.checksum;

import java.nio.file.attribute.BasicFileAttributes;

/** A file of a portion, for who hashes it elsewhere and then says what came of it. */
public interface FileToHash {
  /** {@return its name, as DIR was given and as it was found below} */
  byte[] name();

  /** {@return what the walk saw of it} */
  BasicFileAttributes seen();

  /**
   * It was hashed.
   *
   * @param sha256 its digest
   */
  void hashed(byte[] sha256);

  /**
   * It could not be hashed.
   *
   * @param why why not
   */
  void failed(Problem why);
}

package io.threadpool.examples.cluster;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import java.io.IOException;

/**
 * The files of a batch, as they travel. Names are bytes, since the locales of submitter and member
 * may differ; contents do not travel, since each member sees the folder at the same path.
 *
 * @param folder the absolute path of the folder of the run
 * @param names of the files, below the folder
 * @param sizes of the files, as the walk saw them
 * @param modified when they were last modified, in nanoseconds since 1970
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record FileBatch(byte[] folder, byte[][] names, long[] sizes, long[] modified) {
  static final FileBatch EMPTY =
      new FileBatch(new byte[0], new byte[0][], new long[0], new long[0]);

  int count() {
    return names.length;
  }

  void write(ObjectDataOutput out) throws IOException {
    out.writeByteArray(folder);
    Wire.writeAll(out, names);
    out.writeLongArray(sizes);
    out.writeLongArray(modified);
  }

  static FileBatch read(ObjectDataInput in) throws IOException {
    byte[] folder = Wire.readBytes(in);
    byte[][] names = Wire.readAll(in);
    return new FileBatch(folder, names, readLongs(in, names), readLongs(in, names));
  }

  private static long[] readLongs(ObjectDataInput in, byte[][] names) throws IOException {
    long[] longs = in.readLongArray();
    if (longs == null || longs.length != names.length) {
      throw new IOException("not one number for each name");
    }
    return longs;
  }
}

package io.threadpool.examples.cluster;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.DataSerializableFactory;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;

/**
 * What travels between submitter and member: three classes, by number and not by name, so that no
 * class is looked up because a peer says so.
 */
final class Wire implements DataSerializableFactory {
  /** Raised when what a class writes changes. Members of another number are left out. */
  static final String VERSION = "1";

  static final int FACTORY = 1;
  static final int HASH_CALL = 1;
  static final int PING_CALL = 2;
  static final int ANSWER = 3;

  @Override
  public IdentifiedDataSerializable create(int type) {
    return switch (type) {
      case HASH_CALL -> new HashCall();
      case PING_CALL -> new PingCall();
      case ANSWER -> new Answer();
      default -> throw new IllegalArgumentException("no such type: " + type);
    };
  }

  static void writeAll(ObjectDataOutput out, byte[][] names) throws IOException {
    out.writeInt(names.length);
    for (byte[] name : names) {
      out.writeByteArray(name);
    }
  }

  static byte[][] readAll(ObjectDataInput in) throws IOException {
    byte[][] names = new byte[in.readInt()][];
    for (int i = 0; i < names.length; i++) {
      names[i] = readBytes(in);
    }
    return names;
  }

  static byte[] readBytes(ObjectDataInput in) throws IOException {
    byte[] bytes = in.readByteArray();
    if (bytes == null) {
      throw new IOException("bytes are missing");
    }
    return bytes;
  }

  static String readString(ObjectDataInput in) throws IOException {
    String string = in.readString();
    if (string == null) {
      throw new IOException("a string is missing");
    }
    return string;
  }
}

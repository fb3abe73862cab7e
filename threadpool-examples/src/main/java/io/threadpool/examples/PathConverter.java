package io.threadpool.examples;

import io.threadpool.examples.checksum.FileNames;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a file, which may have bytes that are no characters of the locale. */
public final class PathConverter implements ITypeConverter<Path> {
  /** Made by picocli. */
  public PathConverter() {}

  @Override
  public Path convert(String value) {
    if (value.isEmpty()) {
      throw new TypeConversionException("'' is no name of a file: it is empty");
    }
    try {
      return FileNames.path(value);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "'" + value + "' cannot be the name of a file: " + e.getReason());
    }
  }
}

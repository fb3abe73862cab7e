package io.threadpool.examples.checksum;

import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What somebody else has to know of a run in order to hash for it.
 *
 * @param root the folder
 * @param name its name as it was given, with which the names of its files begin
 * @param tally counts what is done
 * @param stop whether to end early
 * @param warnings gets one line at a time for the user
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Run(
    Path root, byte[] name, Tally tally, BooleanSupplier stop, Consumer<String> warnings) {}

package io.threadpool.examples.trace;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * A trace in the format of Chrome's trace events, which Perfetto reads, too: each pool as a
 * process, each worker as a thread of it, each task as a slice, the length of the queue as a
 * counter. Not thread-safe.
 */
final class TraceFile implements Timeline {
  private final JsonGenerator json;
  private final Instant begin;
  private final Map<String, Integer> pools = new HashMap<>();
  private final Map<String, Map<String, Integer>> workers = new HashMap<>();

  /**
   * Begins a trace.
   *
   * @param out gets it, and is left open
   * @param begin the time that is its zero
   */
  TraceFile(OutputStream out, Instant begin) throws IOException {
    json =
        new JsonFactory()
            .createGenerator(out, JsonEncoding.UTF8)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    this.begin = begin;
    json.writeStartObject();
    json.writeStringField("displayTimeUnit", "ms");
    json.writeArrayFieldStart("traceEvents");
  }

  @Override
  public void task(
      String pool,
      String worker,
      Instant start,
      Duration ran,
      String name,
      Duration waited,
      String outcome)
      throws IOException {
    int thread = thread(pool, worker);
    begin("X", name, pool);
    json.writeNumberField("tid", thread);
    time("ts", Duration.between(begin, start));
    time("dur", ran);
    json.writeObjectFieldStart("args");
    json.writeNumberField("waited (ms)", BigDecimal.valueOf(waited.toNanos(), 6));
    json.writeStringField("outcome", outcome);
    end();
  }

  @Override
  public void counter(String pool, String name, Instant at, long value) throws IOException {
    begin("C", name, pool);
    time("ts", Duration.between(begin, at));
    json.writeObjectFieldStart("args");
    json.writeNumberField(name, value);
    end();
  }

  @Override
  public void happened(String pool, String name, Instant at) throws IOException {
    begin("i", name, pool);
    time("ts", Duration.between(begin, at));
    json.writeStringField("s", "p"); // a mark through all of the process
    json.writeObjectFieldStart("args");
    end();
  }

  private void begin(String phase, String name, String pool) throws IOException {
    int process = process(pool);
    json.writeStartObject();
    json.writeStringField("ph", phase);
    json.writeStringField("name", name);
    json.writeNumberField("pid", process);
  }

  private void end() throws IOException {
    json.writeEndObject();
    json.writeEndObject();
  }

  /** In microseconds, as the format has it, to the nanosecond. */
  private void time(String field, Duration time) throws IOException {
    json.writeNumberField(field, BigDecimal.valueOf(time.toNanos(), 3));
  }

  private int process(String pool) throws IOException {
    Integer known = pools.get(pool);
    if (known != null) {
      return known;
    }
    int added = pools.size() + 1;
    pools.put(pool, added);
    name("process_name", added, 0, pool);
    return added;
  }

  private int thread(String pool, String worker) throws IOException {
    int process = process(pool);
    Map<String, Integer> known = workers.computeIfAbsent(pool, p -> new HashMap<>());
    Integer number = known.get(worker);
    if (number == null) {
      number = known.size() + 1;
      known.put(worker, number);
      name("thread_name", process, number, worker);
    }
    return number;
  }

  private void name(String what, int process, int thread, String name) throws IOException {
    json.writeStartObject();
    json.writeStringField("ph", "M");
    json.writeStringField("name", what);
    json.writeNumberField("pid", process);
    json.writeNumberField("tid", thread);
    json.writeObjectFieldStart("args");
    json.writeStringField("name", name);
    end();
  }

  @Override
  public void close() throws IOException {
    json.close(); // What is open of the JSON, too.
  }
}

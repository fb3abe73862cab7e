package io.threadpool.examples.users;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.threadpool.WorkerPool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * gRPC, server and client, over its in-process transport: the calls go through the executors as
 * they do over the network. The events of one call are a line of their own, of which the executor
 * gets one task at a time.
 */
@Timeout(120)
class GrpcTest {

  private static final MethodDescriptor<String, String> SAY = method("say", MethodType.UNARY);
  private static final MethodDescriptor<String, String> COUNT =
      method("count", MethodType.BIDI_STREAMING);

  // A daemon that ends a second after the last channel.
  @RegisterExtension final UserPools pools = new UserPools("grpc-timer");
  private final Held held = new Held();
  private Server server;
  private ManagedChannel channel;

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    return MethodDescriptor.<String, String>newBuilder(new Text(), new Text())
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName("Echo", name))
        .build();
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String text) {
      return new ByteArrayInputStream(text.getBytes(UTF_8));
    }

    @Override
    public String parse(InputStream bytes) {
      try {
        return new String(bytes.readAllBytes(), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Says on whose threads it answers; "held" holds one of them. */
  private void say(String request, StreamObserver<String> answer) {
    if (request.equals("held")) {
      held.run();
    }
    answer.onNext(Thread.currentThread().getName().replaceAll("-\\d+$", ""));
    answer.onCompleted();
  }

  /** Numbers what comes, in the order of its coming. */
  private StreamObserver<String> count(StreamObserver<String> answer) {
    return new StreamObserver<>() {
      private int count;

      @Override
      public void onNext(String request) {
        answer.onNext(count++ + " " + request);
      }

      @Override
      public void onError(Throwable thrown) {}

      @Override
      public void onCompleted() {
        answer.onCompleted();
      }
    };
  }

  private void serveOn(WorkerPool serverPool, WorkerPool clientPool) throws IOException {
    String name = InProcessServerBuilder.generateName();
    server =
        InProcessServerBuilder.forName(name)
            .executor(serverPool)
            .addService(
                ServerServiceDefinition.builder("Echo")
                    .addMethod(SAY, ServerCalls.asyncUnaryCall(this::say))
                    .addMethod(COUNT, ServerCalls.asyncBidiStreamingCall(this::count))
                    .build())
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).executor(clientPool).build();
  }

  private String call(String request) {
    return ClientCalls.blockingUnaryCall(channel, SAY, CallOptions.DEFAULT, request);
  }

  private List<FutureTask<String>> start(int times, String request) {
    List<FutureTask<String>> calls = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      FutureTask<String> call = new FutureTask<>(() -> call(request));
      calls.add(call);
      new Thread(call, "caller-" + i).start();
    }
    return calls;
  }

  private void end() throws InterruptedException {
    channel.shutdown();
    assertTrue(channel.awaitTermination(UserPools.LONG.toSeconds(), TimeUnit.SECONDS));
    server.shutdown();
    assertTrue(server.awaitTermination(UserPools.LONG.toSeconds(), TimeUnit.SECONDS));
  }

  @AfterEach
  void stop() {
    held.release();
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void answersOnWorkersInTheOrderOfEachCall() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(4).name("rpc"));
    WorkerPool clientPool = pools.fixed(2);
    serveOn(pool, clientPool);

    assertEquals(Collections.nCopies(20, "rpc"), Browser.all(start(20, "now")));

    Answers answers = new Answers();
    StreamObserver<String> requests =
        ClientCalls.asyncBidiStreamingCall(channel.newCall(COUNT, CallOptions.DEFAULT), answers);
    List<String> expected = IntStream.range(0, 500).mapToObj(i -> i + " n" + i).toList();
    for (int i = 0; i < expected.size(); i++) {
      requests.onNext("n" + i);
    }
    requests.onCompleted();
    assertEquals(expected, answers.await());

    end();
    assertFalse(pool.isShutdown());
    pool.close();
    clientPool.close();
    assertTrue(clientPool.report().orElseThrow().completed() > 0);
  }

  private static final class Answers implements StreamObserver<String> {
    private final List<String> answers = new ArrayList<>();
    private final FutureTask<List<String>> all = new FutureTask<>(() -> answers);

    @Override
    public void onNext(String answer) {
      answers.add(answer);
    }

    @Override
    public void onError(Throwable thrown) {
      answers.add(thrown.toString());
      all.run();
    }

    @Override
    public void onCompleted() {
      all.run();
    }

    List<String> await() throws Exception {
      return all.get(UserPools.LONG.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** The server before its pool: what ends a call is a task, too. */
  @Test
  void shuttingTheServerDownAnswersWhatIsInFlight() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(2).name("rpc"));
    WorkerPool clientPool = pools.fixed(1);
    serveOn(pool, clientPool);
    List<FutureTask<String>> calls = start(5, "held");
    held.awaitStarted(2);
    UserPools.eventually().until(() -> pool.stats().queued() >= 3);

    server.shutdown();
    assertFalse(server.isTerminated());
    StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, () -> call("now"));
    assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
    held.release();
    assertTrue(server.awaitTermination(UserPools.LONG.toSeconds(), TimeUnit.SECONDS));
    end();
    pool.close();
    clientPool.close();

    assertEquals(Collections.nCopies(5, "rpc"), Browser.all(calls));
  }
}

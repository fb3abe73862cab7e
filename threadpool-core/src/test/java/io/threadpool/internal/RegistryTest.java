package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RegistryTest {

  private final Registry<Integer> registry = new Registry<>();

  private List<Integer> content() {
    List<Integer> content = new ArrayList<>();
    assertFalse(registry.any(element -> !content.add(element)));
    return content;
  }

  @Test
  void isEmptyAtFirst() {
    assertEquals(List.of(), content());
    assertFalse(registry.any(any -> true));
  }

  @Test
  void whatIsAddedIsThereUntilItIsRemoved() {
    long first = registry.add(1, 7);
    long second = registry.add(2, 7);
    assertEquals(Set.of(1, 2), new HashSet<>(content()));
    registry.remove(first);
    assertEquals(List.of(2), content());
    assertTrue(registry.any(two -> two == 2));
    registry.remove(second);
    assertEquals(List.of(), content());
  }

  /** One after the other at the same place: it does not grow. */
  @Test
  void aPlaceIsUsedAgain() {
    long place = registry.add(0, 3);
    for (int i = 1; i < 1_000; i++) {
      registry.remove(place);
      assertEquals(place, registry.add(i, 3));
    }
    assertEquals(List.of(999), content());
  }

  @Test
  void manyAreThereAtOnce() {
    int many = 20_000;
    List<Long> places = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      places.add(registry.add(i, i % 2 == 0 ? i : i * 1_024));
    }
    assertEquals(many, new HashSet<>(places).size());
    assertEquals(IntStream.range(0, many).boxed().toList(), content().stream().sorted().toList());
    places.forEach(registry::remove);
    assertEquals(List.of(), content());
  }
}

package s3r.hadoop;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map of what was asked for last: whatever is too much goes, the eldest first. */
@SuppressWarnings("serial") // never written
final class Latest<K, V> extends LinkedHashMap<K, V> {
  private final int most;

  Latest(int most) {
    super(16, 0.75f, true);
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}

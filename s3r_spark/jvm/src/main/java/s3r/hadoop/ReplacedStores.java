package s3r.hadoop;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes stores that nobody uses any more, since their client has other settings now.
 *
 * <p>Hadoop's cache would keep one for each session token that a notebook has ever applied. Whoever
 * still has the settings of one that was closed opens it again, as after a closing of any kind.
 */
final class ReplacedStores {
  /** How long a store is left alone, although nothing holds it. */
  static final Duration IDLE = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(ReplacedStores.class);
  private static final Set<StoreFileSystem> cached = Collections.newSetFromMap(new WeakHashMap<>());

  private ReplacedStores() {}

  /** Closes those of a client's bucket that one with new settings takes the place of. */
  static void by(StoreFileSystem store, Duration idle) {
    String bucket = store.getCanonicalUri().toString();
    List<StoreFileSystem> others = new ArrayList<>();
    synchronized (cached) {
      cached.removeIf(StoreFileSystem::isClosed);
      for (StoreFileSystem other : cached) {
        if (other != store && other.getCanonicalUri().toString().equals(bucket)) {
          others.add(other);
        }
      }
      cached.add(store);
    }
    for (StoreFileSystem other : others) {
      try {
        if (other.closeIfIdle(idle)) {
          LOG.debug("{}: a store with settings of before is closed", bucket);
        }
      } catch (IOException error) {
        LOG.info("{}: a store with settings of before could not be closed", bucket, error);
      }
    }
  }
}

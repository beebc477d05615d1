package s3r.hadoop;

import java.io.IOException;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of a file system that are to be deleted on exit.
 *
 * <p>Hadoop's cache, which closes all on exit, has the stores alone: they keep this in mind, and
 * run it before they close.
 */
final class ExitDeletion {
  private static final Logger LOG = LoggerFactory.getLogger(ExitDeletion.class);

  private final FileSystem fs;
  private final Set<StoreFileSystem> stores = ConcurrentHashMap.newKeySet();
  private final Set<Path> marked = new ConcurrentSkipListSet<>();

  ExitDeletion(FileSystem fs) {
    this.fs = fs;
  }

  /**
   * Marks a name, whether it is there yet or not, as S3A has it.
   *
   * @param below the stores that have names at or below it
   */
  synchronized void mark(Path file, Collection<StoreFileSystem> below) {
    for (StoreFileSystem store : below) {
      stores.add(store);
      store.tellBeforeClosing(this);
    }
    marked.add(file);
  }

  /** Takes a mark away; false: there is none. */
  synchronized boolean cancel(Path file) {
    boolean wasMarked = marked.remove(file);
    if (marked.isEmpty()) {
      forget();
    }
    return wasMarked;
  }

  /** Deletes what is marked, as far as that can be done. */
  void run() {
    for (Path file : marked) {
      try {
        fs.delete(file, true);
      } catch (IOException error) {
        LOG.info("{} was to be deleted on exit, and could not be", file, error);
      }
    }
    marked.clear();
    forget();
  }

  private void forget() {
    stores.forEach(store -> store.forget(this));
    stores.clear();
  }
}

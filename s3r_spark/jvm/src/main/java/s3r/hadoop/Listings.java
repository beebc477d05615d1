package s3r.hadoop;

import java.io.Closeable;
import java.io.IOException;
import java.util.NoSuchElementException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.IOStatisticsSnapshot;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;
import org.apache.hadoop.fs.statistics.IOStatisticsSupport;

/** Listings of stores as one, which may be closed and have statistics, as the stores' own have. */
final class Listings {
  private Listings() {}

  /** A listing whose later pages fail as its first does: under the logical name. */
  static <S> RemoteIterator<S> named(Place place, RemoteIterator<? extends S> listed) {
    return new Named<>(place, listed);
  }

  private static void close(RemoteIterator<?> listed) throws IOException {
    if (listed instanceof Closeable open) {
      open.close();
    }
  }

  private record Named<S>(Place place, RemoteIterator<? extends S> listed)
      implements RemoteIterator<S>, Closeable, IOStatisticsSource {
    @Override
    public boolean hasNext() throws IOException {
      return place.run((fs, path) -> listed.hasNext());
    }

    @Override
    public S next() throws IOException {
      return place.run((fs, path) -> listed.next());
    }

    @Override
    public void close() throws IOException {
      Listings.close(listed);
    }

    @Override
    public IOStatistics getIOStatistics() {
      return IOStatisticsSupport.retrieveIOStatistics(listed);
    }
  }

  /** One listing after the other; of those that are over, nothing is held but their statistics. */
  static final class Joined<S> implements RemoteIterator<S>, Closeable, IOStatisticsSource {
    private final RemoteIterator<RemoteIterator<S>> parts;
    private final IOStatisticsSnapshot over = new IOStatisticsSnapshot();
    private RemoteIterator<S> current;

    Joined(RemoteIterator<RemoteIterator<S>> parts) {
      this.parts = parts;
    }

    @Override
    public boolean hasNext() throws IOException {
      while ((current == null || !current.hasNext()) && parts.hasNext()) {
        leave();
        current = parts.next();
      }
      return current != null && current.hasNext();
    }

    @Override
    public S next() throws IOException {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return current.next();
    }

    private void leave() throws IOException {
      over.aggregate(IOStatisticsSupport.retrieveIOStatistics(current));
      Listings.close(current);
      current = null;
    }

    @Override
    public void close() throws IOException {
      Listings.close(parts);
      leave();
    }

    @Override
    public IOStatistics getIOStatistics() {
      IOStatisticsSnapshot all = new IOStatisticsSnapshot(over);
      all.aggregate(IOStatisticsSupport.retrieveIOStatistics(current));
      return all;
    }
  }
}

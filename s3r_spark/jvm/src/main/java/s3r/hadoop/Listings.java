package s3r.hadoop;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.IOStatisticsSnapshot;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;
import org.apache.hadoop.fs.statistics.IOStatisticsSupport;

/** Listings of stores as one, which may be closed and have statistics, as the stores' own have. */
final class Listings {
  private Listings() {}

  /** A listing that is over as soon as it is closed. */
  private abstract static class Source<S>
      implements RemoteIterator<S>, Closeable, IOStatisticsSource {
    private final List<? extends RemoteIterator<? extends S>> parts;

    Source(List<? extends RemoteIterator<? extends S>> parts) {
      this.parts = parts;
    }

    @Override
    public void close() throws IOException {
      for (RemoteIterator<? extends S> part : parts) {
        if (part instanceof Closeable open) {
          open.close();
        }
      }
    }

    @Override
    public IOStatistics getIOStatistics() {
      IOStatisticsSnapshot all = new IOStatisticsSnapshot();
      parts.forEach(part -> all.aggregate(IOStatisticsSupport.retrieveIOStatistics(part)));
      return all;
    }
  }

  /** A listing whose later pages fail as its first does: under the logical name. */
  static <S> RemoteIterator<S> named(Place place, RemoteIterator<? extends S> listed) {
    return new Source<S>(List.of(listed)) {
      @Override
      public boolean hasNext() throws IOException {
        return place.run((fs, path) -> listed.hasNext());
      }

      @Override
      public S next() throws IOException {
        return place.run((fs, path) -> listed.next());
      }
    };
  }

  /** One listing after the other. */
  static <S> RemoteIterator<S> joined(List<RemoteIterator<S>> parts) {
    return new Source<S>(parts) {
      private int current;

      @Override
      public boolean hasNext() throws IOException {
        while (current < parts.size() && !parts.get(current).hasNext()) {
          current++;
        }
        return current < parts.size();
      }

      @Override
      public S next() throws IOException {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return parts.get(current).next();
      }
    };
  }
}

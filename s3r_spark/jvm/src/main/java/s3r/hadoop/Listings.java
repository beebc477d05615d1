package s3r.hadoop;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.IOStatisticsSnapshot;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;
import org.apache.hadoop.fs.statistics.IOStatisticsSupport;
import org.apache.hadoop.util.functional.CallableRaisingIOE;

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

  /** One listing after the other, each asked for when it is reached. */
  static final class Joined<S> extends Source<S> {
    private final List<RemoteIterator<S>> opened;
    private final Iterator<CallableRaisingIOE<RemoteIterator<S>>> rest;
    private RemoteIterator<S> current;

    /**
     * Listings, none of which has been asked for.
     *
     * @param parts how each is asked for: null is none, and so is what is not there
     */
    Joined(List<CallableRaisingIOE<RemoteIterator<S>>> parts) {
      this(new ArrayList<>(), parts);
    }

    private Joined(
        List<RemoteIterator<S>> opened, List<CallableRaisingIOE<RemoteIterator<S>>> parts) {
      super(opened);
      this.opened = opened;
      this.rest = parts.iterator();
    }

    /** Whether any has been there of those that were reached. */
    boolean isAnyThere() {
      return !opened.isEmpty();
    }

    @Override
    public boolean hasNext() throws IOException {
      while ((current == null || !current.hasNext()) && rest.hasNext()) {
        try {
          current = rest.next().apply();
        } catch (FileNotFoundException notHere) {
          current = null;
        }
        if (current != null) {
          opened.add(current);
        }
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
  }
}

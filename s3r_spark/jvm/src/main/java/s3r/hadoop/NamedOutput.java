package s3r.hadoop;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.CanSetDropBehind;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.Syncable;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;

/** A store's own stream; its errors name the logical path and the client. */
final class NamedOutput extends OutputStream
    implements Abortable, CanSetDropBehind, StreamCapabilities, Syncable, IOStatisticsSource {
  private final FSDataOutputStream store;
  private final Place place;

  private NamedOutput(FSDataOutputStream store, Place place) {
    this.store = store;
    this.place = place;
  }

  static FSDataOutputStream open(Place place, Place.Action<FSDataOutputStream> action)
      throws IOException {
    FSDataOutputStream store = place.run(action);
    return new FSDataOutputStream(new NamedOutput(store, place), null, store.getPos());
  }

  @Override
  public void write(int one) throws IOException {
    try {
      store.write(one);
    } catch (IOException error) {
      throw place.named(error);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      store.write(bytes, offset, length);
    } catch (IOException error) {
      throw place.named(error);
    }
  }

  @Override
  public void flush() throws IOException {
    place.does((fs, path) -> store.flush());
  }

  @Override
  public void hflush() throws IOException {
    place.does((fs, path) -> store.hflush());
  }

  @Override
  public void hsync() throws IOException {
    place.does((fs, path) -> store.hsync());
  }

  @Override
  public void close() throws IOException {
    place.does((fs, path) -> store.close());
  }

  @Override
  public AbortableResult abort() {
    return store.abort();
  }

  @Override
  public void setDropBehind(Boolean dropCache) throws IOException {
    store.setDropBehind(dropCache);
  }

  @Override
  public boolean hasCapability(String capability) {
    return store.hasCapability(capability);
  }

  @Override
  public IOStatistics getIOStatistics() {
    return store.getIOStatistics();
  }

  @Override
  public String toString() {
    return place.logical() + ": " + store;
  }
}

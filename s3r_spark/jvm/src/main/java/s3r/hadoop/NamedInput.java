package s3r.hadoop;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.hadoop.fs.CanSetDropBehind;
import org.apache.hadoop.fs.CanSetReadahead;
import org.apache.hadoop.fs.CanUnbuffer;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileRange;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;

/** A store's own stream; its errors name the logical path and the client. */
final class NamedInput extends FSInputStream
    implements CanSetDropBehind,
        CanSetReadahead,
        CanUnbuffer,
        StreamCapabilities,
        IOStatisticsSource {
  private static final Method RELEASING = releasing();

  private final FSDataInputStream store;
  private final Place place;

  private NamedInput(FSDataInputStream store, Place place) {
    this.store = store;
    this.place = place;
  }

  static FSDataInputStream open(Place place, Place.Action<FSDataInputStream> action)
      throws IOException {
    return of(place.run(action), place);
  }

  static FSDataInputStream of(FSDataInputStream store, Place place) {
    return new FSDataInputStream(new NamedInput(store, place));
  }

  @Override
  public int read() throws IOException {
    try {
      return store.read();
    } catch (IOException error) {
      throw place.named(error);
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      return store.read(buffer, offset, length);
    } catch (IOException error) {
      throw place.named(error);
    }
  }

  @Override
  public int read(long position, byte[] buffer, int offset, int length) throws IOException {
    return place.run((fs, path) -> store.read(position, buffer, offset, length));
  }

  @Override
  public void readFully(long position, byte[] buffer, int offset, int length) throws IOException {
    place.does((fs, path) -> store.readFully(position, buffer, offset, length));
  }

  @Override
  public int minSeekForVectorReads() {
    return store.minSeekForVectorReads();
  }

  @Override
  public int maxReadSizeForVectorReads() {
    return store.maxReadSizeForVectorReads();
  }

  @Override
  public void readVectored(List<? extends FileRange> ranges, IntFunction<ByteBuffer> allocate)
      throws IOException {
    place.does((fs, path) -> store.readVectored(ranges, allocate));
    nameErrors(ranges);
  }

  /** As Hadoop 3.5 has it: with what takes back buffers that aren't needed after all. */
  @SuppressWarnings("MissingOverride") // Hadoop 3.4 has not
  public void readVectored(
      List<? extends FileRange> ranges,
      IntFunction<ByteBuffer> allocate,
      Consumer<ByteBuffer> release)
      throws IOException {
    if (RELEASING == null) {
      readVectored(ranges, allocate);
      return;
    }
    try {
      RELEASING.invoke(store, ranges, allocate, release);
    } catch (InvocationTargetException thrown) {
      Throwable cause = thrown.getCause();
      if (cause instanceof RuntimeException wrong) {
        throw wrong;
      }
      throw cause instanceof IOException error ? place.named(error) : new IOException(cause);
    } catch (IllegalAccessException impossible) {
      throw new IllegalStateException(impossible);
    }
    nameErrors(ranges);
  }

  private static Method releasing() {
    try {
      return FSDataInputStream.class.getMethod(
          "readVectored", List.class, IntFunction.class, Consumer.class);
    } catch (NoSuchMethodException old) {
      return null;
    }
  }

  private void nameErrors(List<? extends FileRange> ranges) {
    for (FileRange range : ranges) {
      range.setData(named(range.getData()));
    }
  }

  private CompletableFuture<ByteBuffer> named(CompletableFuture<ByteBuffer> data) {
    return data.exceptionally(
        error -> {
          throw new CompletionException(place.named(error));
        });
  }

  @Override
  public void seek(long position) throws IOException {
    place.does((fs, path) -> store.seek(position));
  }

  @Override
  public boolean seekToNewSource(long position) throws IOException {
    return place.run((fs, path) -> store.seekToNewSource(position));
  }

  @Override
  public long getPos() throws IOException {
    return store.getPos();
  }

  @Override
  public long skip(long count) throws IOException {
    return place.run((fs, path) -> store.skip(count));
  }

  @Override
  public int available() throws IOException {
    return place.run((fs, path) -> store.available());
  }

  @Override
  public void setReadahead(Long length) throws IOException {
    store.setReadahead(length);
  }

  @Override
  public void setDropBehind(Boolean dropCache) throws IOException {
    store.setDropBehind(dropCache);
  }

  @Override
  public void unbuffer() {
    store.unbuffer();
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
  public void close() throws IOException {
    place.does((fs, path) -> store.close());
  }

  @Override
  public String toString() {
    return place.logical() + ": " + store;
  }
}

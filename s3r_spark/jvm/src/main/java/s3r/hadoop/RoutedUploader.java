package s3r.hadoop;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.hadoop.fs.MultipartUploader;
import org.apache.hadoop.fs.PartHandle;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathHandle;
import org.apache.hadoop.fs.UploadHandle;
import org.apache.hadoop.fs.statistics.IOStatistics;

/** A store's multipart uploader that is given logical paths; those of other stores it refuses. */
final class RoutedUploader implements MultipartUploader {
  /** Where a logical path is. */
  @FunctionalInterface
  interface Mapping {
    Place place(Path path) throws IOException;
  }

  private final MultipartUploader store;
  private final Mapping mapping;

  RoutedUploader(MultipartUploader store, Mapping mapping) {
    this.store = store;
    this.mapping = mapping;
  }

  private Path physical(Path path) throws IOException {
    return mapping.place(path).path();
  }

  @Override
  public CompletableFuture<UploadHandle> startUpload(Path file) throws IOException {
    return store.startUpload(physical(file));
  }

  @Override
  public CompletableFuture<PartHandle> putPart(
      UploadHandle upload, int part, Path file, InputStream content, long length)
      throws IOException {
    return store.putPart(upload, part, physical(file), content, length);
  }

  @Override
  public CompletableFuture<PathHandle> complete(
      UploadHandle upload, Path file, Map<Integer, PartHandle> parts) throws IOException {
    return store.complete(upload, physical(file), parts);
  }

  @Override
  public CompletableFuture<Void> abort(UploadHandle upload, Path file) throws IOException {
    return store.abort(upload, physical(file));
  }

  @Override
  public CompletableFuture<Integer> abortUploadsUnderPath(Path folder) throws IOException {
    return store.abortUploadsUnderPath(physical(folder));
  }

  @Override
  public IOStatistics getIOStatistics() {
    return store.getIOStatistics();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}

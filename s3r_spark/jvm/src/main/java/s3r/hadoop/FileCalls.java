package s3r.hadoop;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileChecksum;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.fs.MultipartUploaderBuilder;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.impl.OpenFileParameters;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The calls about one name: each is handed to the store that has it, as it came. The streams and
 * builders that come back are the store's own, but for their errors.
 */
abstract class FileCalls extends LogicalFileSystem {
  /** Does something where a file is, or a folder that is the same store's. */
  final <T> T at(Path path, Place.Action<T> action) throws IOException {
    return layout().placeAsFile(name(path)).run(action);
  }

  /** Does something where a name's files are. */
  final <T> T at(Name name, Place.Action<T> action) throws IOException {
    return layout().placeAsFile(name).run(action);
  }

  /**
   * Where a file may be written.
   *
   * @throws IOException not there: it is a folder, or a name that a file can't have
   */
  abstract Place forFile(Path file) throws IOException;

  /** Where a file may be read. */
  private Place forReading(Path file) throws IOException {
    return layout().placeToRead(name(file));
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    return NamedInput.open(forReading(file), (fs, path) -> fs.open(path, bufferSize));
  }

  @Override
  public FutureDataInputStreamBuilder openFile(Path file) throws IOException {
    return Builders.opening(forReading(file));
  }

  /** As FileContext opens a file. */
  @Override
  protected CompletableFuture<FSDataInputStream> openFileWithOptions(
      Path file, OpenFileParameters parameters) throws IOException {
    Place place = forReading(file);
    return Builders.opened(
        place.run((fs, path) -> fs.openFileWithOptions(path, parameters)), place);
  }

  @Override
  public FileChecksum getFileChecksum(Path file, long length) throws IOException {
    return forReading(file).run((fs, path) -> fs.getFileChecksum(path, length));
  }

  @Override
  public byte[] getXAttr(Path file, String name) throws IOException {
    return at(file, (fs, path) -> fs.getXAttr(path, name));
  }

  @Override
  public Map<String, byte[]> getXAttrs(Path file) throws IOException {
    return at(file, (fs, path) -> fs.getXAttrs(path));
  }

  @Override
  public Map<String, byte[]> getXAttrs(Path file, List<String> names) throws IOException {
    return at(file, (fs, path) -> fs.getXAttrs(path, names));
  }

  @Override
  public List<String> listXAttrs(Path file) throws IOException {
    return at(file, (fs, path) -> fs.listXAttrs(path));
  }

  /** For a name that is refused too, so that the call that asks for it says so. */
  @Override
  public long getDefaultBlockSize(Path file) {
    try {
      return at(file, (fs, path) -> fs.getDefaultBlockSize(path));
    } catch (IOException refused) {
      return getDefaultBlockSize();
    }
  }

  /** S3A's, which asks no store. */
  @Override
  @SuppressWarnings("deprecation")
  public long getDefaultBlockSize() {
    return getConf().getLongBytes("fs.s3a.block.size", 32 << 20);
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      FsPermission permission,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    return NamedOutput.open(
        forFile(file),
        (fs, path) -> fs.create(path, permission, overwrite, buffer, replication, block, progress));
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      Path file,
      FsPermission permission,
      EnumSet<CreateFlag> flags,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    return NamedOutput.open(
        forFile(file),
        (fs, path) ->
            fs.createNonRecursive(path, permission, flags, buffer, replication, block, progress));
  }

  @Override
  @SuppressWarnings("rawtypes")
  public FSDataOutputStreamBuilder createFile(Path file) {
    return new NamedFileBuilder(this, file, () -> forFile(file));
  }

  @Override
  public FSDataOutputStream append(Path file, int bufferSize, Progressable progress)
      throws IOException {
    Name name = name(file);
    layout().checkFileChange(name, "append");
    return at(name, (fs, path) -> fs.append(path, bufferSize, progress));
  }

  @Override
  public MultipartUploaderBuilder<?, ?> createMultipartUploader(Path base) throws IOException {
    return Builders.uploading(
        place(base),
        (method, path) -> {
          Name name = name(path);
          layout().checkFileChange(name, method);
          return method.equals("abortUploadsUnderPath")
              ? layout().place(name)
              : layout().placeOfFile(name);
        });
  }
}

package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BulkDelete;
import org.apache.hadoop.fs.ContentSummary;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileChecksum;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.fs.Globber;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.MultipartUploaderBuilder;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathFilter;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.apache.hadoop.util.functional.RemoteIterators;

/**
 * The file system of a logical bucket: each name is handed to the store that routes.yaml says it is
 * on, with the call as it came and the answer under the logical name.
 *
 * <p>What concerns one store is that store's own call, at the cost of no request. What is here
 * beyond forwarding is for folders that span stores.
 */
public final class RouterFileSystem extends FileSystem {
  private URI uri;
  private Path workingDirectory;
  private Layout layout;
  private Listing listing;
  private Removal removal;
  private Rename rename;

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    if (name.getRawAuthority() == null || name.getRawAuthority().contains("@")) {
      throw new IOException(
          "not the URI of a bucket, which has no user or password: write "
              + name.getScheme()
              + "://bucket");
    }
    super.initialize(name, conf);
    setConf(conf);
    uri = URI.create(name.getScheme() + "://" + name.getRawAuthority());
    try {
      layout = new Layout(uri, conf);
      Rename.isRefused(conf);
    } catch (IllegalArgumentException wrong) {
      throw new IOException(uri + ": " + wrong.getMessage(), wrong);
    }
    listing = new Listing(layout);
    removal = new Removal(layout, listing);
    rename = new Rename(layout, listing, removal, conf);
    workingDirectory = layout.path("user/" + layout.user());
  }

  /**
   * The one place where all names at and below a path are.
   *
   * @return its physical path; null: the path spans stores, or could
   * @throws IOException the path is refused
   */
  public Path onlyPlace(Path path) throws IOException {
    String key = key(path);
    Place place = layout.place(key);
    return layout.isUniform(key) ? place.path() : null;
  }

  // -- names ------------------------------------------------------------------------------------

  private String key(Path path) {
    checkPath(path);
    return layout.key(makeQualified(path));
  }

  private Place place(Path path) throws IOException {
    return layout.place(key(path));
  }

  private <T> T at(Path path, Place.Action<T> action) throws IOException {
    return place(path).run(action);
  }

  @Override
  public URI getUri() {
    return uri;
  }

  @Override
  public String getScheme() {
    return uri == null ? "s3a" : uri.getScheme();
  }

  @Override
  protected URI canonicalizeUri(URI name) {
    return name; // there is no port to add
  }

  @Override
  public Path makeQualified(Path path) {
    Path qualified = super.makeQualified(path);
    String text = qualified.toUri().getPath();
    return qualified.isRoot() || !text.endsWith("/")
        ? qualified
        : layout.path(Routes.stripped(text));
  }

  @Override
  public Path getWorkingDirectory() {
    return workingDirectory;
  }

  @Override
  public void setWorkingDirectory(Path path) {
    workingDirectory = makeQualified(path);
  }

  /** Delegation tokens are the stores' own; Hadoop asks them. */
  @Override
  public String getCanonicalServiceName() {
    return null;
  }

  @Override
  public FileSystem[] getChildFileSystems() {
    try {
      return layout.allStores();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  // -- reading ----------------------------------------------------------------------------------

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    return at(file, (fs, path) -> fs.open(path, bufferSize));
  }

  @Override
  public FutureDataInputStreamBuilder openFile(Path file) throws IOException {
    return Builders.opening(place(file));
  }

  @Override
  public FileChecksum getFileChecksum(Path file, long length) throws IOException {
    return at(file, (fs, path) -> fs.getFileChecksum(path, length));
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

  @Override
  public void access(Path file, FsAction mode) throws IOException {
    if (isPlain(key(file))) {
      at(
          file,
          (fs, path) -> {
            fs.access(path, mode);
            return null;
          });
    } else {
      getFileStatus(file);
    }
  }

  @Override
  public boolean hasPathCapability(Path file, String capability) throws IOException {
    String key = key(file);
    if (layout.isUniform(key)) {
      return at(file, (fs, path) -> fs.hasPathCapability(path, capability));
    }
    if (capability.contains("magic")) {
      return false; // its files would be completed in one store
    }
    for (Rule rule : layout.parts(key)) {
      Place place = layout.place(rule, layout.isAbove(key, rule) ? layout.head(rule) : key);
      if (!place.run((fs, path) -> fs.hasPathCapability(path, capability))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public long getDefaultBlockSize(Path file) {
    try {
      return at(file, (fs, path) -> fs.getDefaultBlockSize(path));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** S3A's, which asks no store. */
  @Override
  @SuppressWarnings("deprecation")
  public long getDefaultBlockSize() {
    return getConf().getLongBytes("fs.s3a.block.size", 32 << 20);
  }

  // -- what is there ----------------------------------------------------------------------------

  @Override
  public FileStatus getFileStatus(Path file) throws IOException {
    String key = key(file);
    if (isPlain(key)) {
      Place place = layout.place(key);
      return layout.logical(place.rule(), place.run((fs, path) -> fs.getFileStatus(path)));
    }
    FileStatus found = null;
    if (!key.isEmpty() && layout.parts(key).contains(ownerOrNull(key))) {
      found = ofOwner(layout.place(key));
    }
    if (found == null && (key.isEmpty() || isAnythingBelow(key))) {
      found = layout.directory(key);
    }
    if (found == null) {
      layout.routes().owner(key); // says why, where it is refused
      throw listing.missing(key);
    }
    return found;
  }

  /** Whether one store's own answer is the answer: one has all, and it is no root to S3A only. */
  private boolean isPlain(String key) throws IOException {
    if (!layout.isUniform(key)) {
      return false;
    }
    Place place = layout.place(key);
    return place.rule().isIdentity() || !(key.isEmpty() || place.isStoreRoot());
  }

  private Rule ownerOrNull(String key) {
    try {
      return layout.routes().owner(key);
    } catch (PathIOException refused) {
      return null;
    }
  }

  private FileStatus ofOwner(Place place) throws IOException {
    if (place.isStoreRoot()) {
      return null; // S3A says that a bucket's root is there, whether or not anything is
    }
    try {
      return layout.logical(place.rule(), place.run((fs, path) -> fs.getFileStatus(path)));
    } catch (FileNotFoundException missing) {
      return null;
    }
  }

  private boolean isAnythingBelow(String key) throws IOException {
    Rule owner = ownerOrNull(key);
    for (Rule rule : layout.parts(key)) {
      Place place = layout.place(rule, layout.isAbove(key, rule) ? layout.head(rule) : key);
      if ((rule != owner || place.isStoreRoot()) && listing.exists(place)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean exists(Path file) throws IOException {
    return isPlain(key(file)) ? at(file, (fs, path) -> fs.exists(path)) : super.exists(file);
  }

  /** S3A asks for less than a whole status here. */
  @Override
  @SuppressWarnings("deprecation")
  public boolean isDirectory(Path file) throws IOException {
    return isPlain(key(file))
        ? at(file, (fs, path) -> fs.isDirectory(path))
        : super.isDirectory(file);
  }

  @Override
  @SuppressWarnings("deprecation")
  public boolean isFile(Path file) throws IOException {
    return isPlain(key(file)) ? at(file, (fs, path) -> fs.isFile(path)) : super.isFile(file);
  }

  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    return RemoteIterators.toArray(listing.children(key(folder)), new FileStatus[0]);
  }

  @Override
  public RemoteIterator<FileStatus> listStatusIterator(Path folder) throws IOException {
    return listing.children(key(folder));
  }

  @Override
  public RemoteIterator<LocatedFileStatus> listLocatedStatus(Path folder) throws IOException {
    return listing.locatedChildren(key(folder));
  }

  @Override
  public RemoteIterator<LocatedFileStatus> listLocatedStatus(Path folder, PathFilter filter)
      throws IOException {
    return RemoteIterators.filteringRemoteIterator(
        listing.locatedChildren(key(folder)), status -> filter.accept(status.getPath()));
  }

  @Override
  public RemoteIterator<LocatedFileStatus> listFiles(Path folder, boolean recursive)
      throws IOException {
    String key = key(folder);
    if (recursive) {
      return listing.files(key);
    }
    return layout.isUniform(key) ? listing.filesHere(key) : super.listFiles(folder, false);
  }

  @Override
  public FileStatus[] globStatus(Path pattern) throws IOException {
    return globStatus(pattern, path -> true);
  }

  /** As S3A does it: it has no symbolic links to look for. */
  @Override
  public FileStatus[] globStatus(Path pattern, PathFilter filter) throws IOException {
    return Globber.createGlobber(this)
        .withPathPattern(pattern)
        .withPathFiltern(filter)
        .withResolveSymlinks(false)
        .build()
        .glob();
  }

  @Override
  public ContentSummary getContentSummary(Path folder) throws IOException {
    String key = key(folder);
    layout.routes().checkAllBelow(key);
    return isPlain(key)
        ? at(folder, (fs, path) -> fs.getContentSummary(path))
        : super.getContentSummary(folder);
  }

  // -- writing ----------------------------------------------------------------------------------

  @Override
  public FSDataOutputStream create(
      Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return forFile(file)
        .run(
            (fs, path) ->
                fs.create(
                    path, permission, overwrite, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      Path file,
      FsPermission permission,
      EnumSet<CreateFlag> flags,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return forFile(file)
        .run(
            (fs, path) ->
                fs.createNonRecursive(
                    path, permission, flags, bufferSize, replication, blockSize, progress));
  }

  @Override
  @SuppressWarnings("rawtypes")
  public FSDataOutputStreamBuilder createFile(Path file) {
    try {
      return forFile(file).run((fs, path) -> fs.createFile(path));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  @Override
  public FSDataOutputStream append(Path file, int bufferSize, Progressable progress)
      throws IOException {
    return at(file, (fs, path) -> fs.append(path, bufferSize, progress));
  }

  @Override
  public MultipartUploaderBuilder<?, ?> createMultipartUploader(Path base) throws IOException {
    return Builders.uploading(place(base), this::place);
  }

  /** Where a file may be written. */
  private Place forFile(Path file) throws IOException {
    String key = key(file);
    Place place = layout.placeOfFile(key);
    if (!layout.isUniform(key) && isAnythingBelow(key)) {
      throw new FileAlreadyExistsException(file + " is a directory");
    }
    return place;
  }

  @Override
  public boolean mkdirs(Path folder, FsPermission permission) throws IOException {
    return at(folder, (fs, path) -> fs.mkdirs(path, permission));
  }

  @Override
  public void copyFromLocalFile(boolean deleteSource, boolean overwrite, Path source, Path target)
      throws IOException {
    if (layout.isUniform(key(target))) {
      at(
          target,
          (fs, path) -> {
            fs.copyFromLocalFile(deleteSource, overwrite, source, path);
            return null;
          });
    } else {
      super.copyFromLocalFile(deleteSource, overwrite, source, target);
    }
  }

  // -- deleting and renaming --------------------------------------------------------------------

  @Override
  public boolean delete(Path file, boolean recursive) throws IOException {
    String key = key(file);
    if (isPlain(key)) {
      return at(file, (fs, path) -> fs.delete(path, recursive));
    }
    FileStatus status;
    try {
      status = getFileStatus(file);
    } catch (FileNotFoundException missing) {
      return false;
    }
    return removal.delete(key, status, recursive);
  }

  @Override
  public BulkDelete createBulkDelete(Path base) throws IOException {
    return new RoutedBulkDelete(layout, key(base), this::key);
  }

  @Override
  public boolean rename(Path source, Path target) throws IOException {
    String from = key(source);
    String to = key(target);
    if (rename.isWithinOneStore(from, to)) {
      Place there = layout.place(to);
      return at(source, (fs, path) -> fs.rename(path, there.path()));
    }
    if (from.isEmpty()) {
      throw new PathIOException(source.toString(), "the root of a bucket can't be renamed");
    }
    if (Routes.folder(to).startsWith(Routes.folder(from)) && !to.equals(from)) {
      throw new PathIOException(
          source.toString(), "it can't be renamed to " + target + ", which is inside of it");
    }
    FileStatus status = getFileStatus(source);
    if (to.equals(from)) {
      return status.isFile();
    }
    FileStatus there;
    try {
      there = getFileStatus(target);
    } catch (FileNotFoundException missing) {
      there = null;
    }
    rename.rename(from, status, rename.destination(from, status, to, there));
    return true;
  }
}

package s3r.hadoop;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BulkDelete;
import org.apache.hadoop.fs.ContentSummary;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Globber;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathFilter;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.functional.RemoteIterators;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file system of a logical bucket: each name is handed to the store that routes.yaml says it is
 * on, with the call as it came and the answer under the logical name.
 *
 * <p>What concerns one store is that store's own call, at the cost of no request. What is here
 * beyond forwarding is for folders that span stores.
 */
public final class RouterFileSystem extends FileCalls {
  private static final Logger LOG = LoggerFactory.getLogger(RouterFileSystem.class);

  private Lookup lookup;
  private Listing listing;
  private Folders folders;
  private Removal removal;
  private Rename rename;

  private final Set<StoreFileSystem> closers = ConcurrentHashMap.newKeySet();
  private final Set<Path> marked = new ConcurrentSkipListSet<>();
  private final URI fixed;

  /** As Hadoop makes it. */
  public RouterFileSystem() {
    this(null);
  }

  /** That of one bucket for a FileContext, whatever name it is then given. */
  RouterFileSystem(URI fixed) {
    this.fixed = fixed;
  }

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(fixed == null ? name : fixed, conf);
    listing = new Listing(layout());
    lookup = new Lookup(layout(), listing);
    folders = new Folders(layout(), listing, lookup);
    removal = new Removal(layout(), listing, folders);
    rename = new Rename(layout(), lookup, listing, removal, folders, conf);
    try {
      Rename.isRefused(conf);
      Copies.threads(conf);
    } catch (IllegalArgumentException wrong) {
      throw new IOException(getUri() + ": " + wrong.getMessage(), wrong);
    }
  }

  /**
   * The one place where all names at and below a path are.
   *
   * @return null: the path spans stores, or could
   * @throws IOException the path is refused
   */
  Place onlyPlace(Path path) throws IOException {
    String key = key(path);
    Place place = layout().place(key);
    return layout().isUniform(key) ? place : null;
  }

  /** The file systems that have names at or below a path. */
  List<FileSystem> storesBelow(Path path) throws IOException {
    List<FileSystem> stores = new ArrayList<>();
    for (Rule rule : layout().parts(key(path))) {
      stores.add(layout().store(rule));
    }
    return stores;
  }

  @Override
  Place forFile(Path file) throws IOException {
    String key = key(file);
    Place place = layout().place(key);
    boolean folderOnly = !key.isEmpty() && layout().isFolderOnly(key);
    if (folderOnly
        ? lookup.statusOrNull(key) != null
        : !layout().isUniform(key) && lookup.isAnythingBelow(key)) {
      throw new FileAlreadyExistsException(file + " is a directory");
    }
    return folderOnly ? layout().placeOfFile(key) : place;
  }

  // -- what is there ----------------------------------------------------------------------------

  @Override
  public FileStatus getFileStatus(Path file) throws IOException {
    return lookup.status(key(file));
  }

  @Override
  public boolean exists(Path file) throws IOException {
    return lookup.isPlain(key(file)) ? at(file, (fs, path) -> fs.exists(path)) : super.exists(file);
  }

  /** S3A asks for less than a whole status here. */
  @Override
  @SuppressWarnings("deprecation")
  public boolean isDirectory(Path file) throws IOException {
    String key = key(file);
    boolean one = lookup.isPlain(key) || (layout().isUniform(key) && !place(file).isStoreRoot());
    return one ? at(file, (fs, path) -> fs.isDirectory(path)) : super.isDirectory(file);
  }

  @Override
  @SuppressWarnings("deprecation")
  public boolean isFile(Path file) throws IOException {
    return lookup.isPlain(key(file)) ? at(file, (fs, path) -> fs.isFile(path)) : super.isFile(file);
  }

  @Override
  public void access(Path file, FsAction mode) throws IOException {
    if (lookup.isPlain(key(file))) {
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
    if (layout().isUniform(key)) {
      return at(file, (fs, path) -> fs.hasPathCapability(path, capability));
    }
    layout().routes().owner(key); // says why, where it is refused
    if (capability.contains("magic")) {
      return false; // its files would be completed in one store
    }
    for (Rule rule : layout().parts(key)) {
      Place place = layout().place(rule, layout().isAbove(key, rule) ? layout().head(rule) : key);
      if (!place.run((fs, path) -> fs.hasPathCapability(path, capability))) {
        return false;
      }
    }
    return true;
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
    return layout().isUniform(key) ? listing.filesHere(key) : super.listFiles(folder, false);
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
    layout().routes().checkAllBelow(key);
    return lookup.isWhole(key)
        ? at(folder, (fs, path) -> fs.getContentSummary(path))
        : super.getContentSummary(folder);
  }

  // -- what changes it --------------------------------------------------------------------------

  @Override
  public boolean mkdirs(Path folder, FsPermission permission) throws IOException {
    return folders.make(key(folder), permission);
  }

  @Override
  public void copyFromLocalFile(boolean deleteSource, boolean overwrite, Path source, Path target)
      throws IOException {
    String key = key(target);
    if (layout().isUniform(key) && !layout().isFolderOnly(key)) {
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

  @Override
  public boolean delete(Path file, boolean recursive) throws IOException {
    String key = key(file);
    if (lookup.isPlain(key)) {
      return at(file, (fs, path) -> fs.delete(path, recursive));
    }
    FileStatus status = lookup.statusOrNull(key);
    return status != null && removal.delete(key, status, recursive);
  }

  /** Hadoop's cache, which closes all on exit, has the stores alone: they keep this one in mind. */
  @Override
  public boolean deleteOnExit(Path file) throws IOException {
    for (Rule rule : layout().parts(key(file))) {
      StoreFileSystem store = layout().store(rule);
      closers.add(store);
      store.tellBeforeClosing(this);
    }
    marked.add(makeQualified(file)); // whether it is there yet or not, as S3A has it
    return true;
  }

  @Override
  public boolean cancelDeleteOnExit(Path file) {
    return marked.remove(makeQualified(file));
  }

  @Override
  protected void processDeleteOnExit() {
    for (Path file : marked) {
      try {
        delete(file, true);
      } catch (IOException error) {
        LOG.info("{} was to be deleted on exit, and could not be", file, error);
      }
    }
    marked.clear();
    closers.forEach(store -> store.forget(this));
    closers.clear();
  }

  /** Deletes what is to be deleted on exit. */
  void deleteMarked() {
    processDeleteOnExit();
  }

  @Override
  boolean ownsStores() {
    return fixed != null;
  }

  @Override
  public BulkDelete createBulkDelete(Path base) throws IOException {
    return new RoutedBulkDelete(layout(), key(base), this::key);
  }

  @Override
  public boolean rename(Path source, Path target) throws IOException {
    return rename.rename(key(source), key(target));
  }
}

package s3r.hadoop;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
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
import org.apache.hadoop.fs.Options;
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
  private TrashFolders trash;

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
    removal = new Removal(layout(), lookup, listing, folders);
    rename = new Rename(layout(), lookup, listing, removal, folders, conf);
    trash = new TrashFolders(layout(), lookup, listing, key(super.getTrashRoot(null)));
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
    Name name = name(path);
    Place place = layout().place(name);
    return name.isUniform() ? place : null;
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
    Name name = name(file);
    layout().checkFileChange(name, "create");
    Place place = layout().placeAsFile(name);
    boolean isFolder =
        name.isFolderOnly()
            ? !name.key().isEmpty() && lookup.isFolder(name)
            : (name.isTwofold() && listing.isThere(name.folder(), name.key()))
                || (!name.isUniform() && lookup.isAnythingBelow(name));
    if (isFolder) {
      throw new FileAlreadyExistsException(file + " is a directory");
    }
    return name.isFolderOnly() ? layout().placeOfFile(name) : place;
  }

  // -- what is there ----------------------------------------------------------------------------

  @Override
  public FileStatus getFileStatus(Path file) throws IOException {
    return lookup.status(name(file));
  }

  @Override
  public boolean exists(Path file) throws IOException {
    Name name = name(file);
    return lookup.isPlain(name) ? at(name, (fs, path) -> fs.exists(path)) : super.exists(file);
  }

  /** S3A asks for less than a whole status here. */
  @Override
  @SuppressWarnings("deprecation")
  public boolean isDirectory(Path file) throws IOException {
    Name name = name(file);
    boolean one = lookup.isPlain(name) || (name.isUniform() && !layout().place(name).isStoreRoot());
    return one
        ? layout().place(name).run((fs, path) -> fs.isDirectory(path))
        : super.isDirectory(file);
  }

  @Override
  @SuppressWarnings("deprecation")
  public boolean isFile(Path file) throws IOException {
    Name name = name(file);
    return lookup.isPlain(name) ? at(name, (fs, path) -> fs.isFile(path)) : super.isFile(file);
  }

  @Override
  public void access(Path file, FsAction mode) throws IOException {
    Name name = name(file);
    if (lookup.isPlain(name)) {
      at(
          name,
          (fs, path) -> {
            fs.access(path, mode);
            return null;
          });
    } else {
      lookup.status(name);
    }
  }

  @Override
  public boolean hasPathCapability(Path file, String capability) throws IOException {
    Name name = name(file);
    if (name.isUniform()) {
      return at(name, (fs, path) -> fs.hasPathCapability(path, capability));
    }
    name.owner(); // says why, where it is refused
    if (capability.contains("magic")) {
      return false; // its files would be completed in one store
    }
    String key = name.key();
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
    return RemoteIterators.toArray(listing.children(name(folder)), new FileStatus[0]);
  }

  @Override
  public RemoteIterator<FileStatus> listStatusIterator(Path folder) throws IOException {
    return listing.children(name(folder));
  }

  @Override
  public RemoteIterator<LocatedFileStatus> listLocatedStatus(Path folder) throws IOException {
    return listing.locatedChildren(name(folder));
  }

  @Override
  public RemoteIterator<LocatedFileStatus> listLocatedStatus(Path folder, PathFilter filter)
      throws IOException {
    return RemoteIterators.filteringRemoteIterator(
        listing.locatedChildren(name(folder)), status -> filter.accept(status.getPath()));
  }

  @Override
  public RemoteIterator<LocatedFileStatus> listFiles(Path folder, boolean recursive)
      throws IOException {
    return recursive ? listing.files(name(folder)) : listing.filesHere(name(folder));
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
    Name name = name(folder);
    layout().routes().checkAllBelow(name.key());
    return lookup.isWhole(name)
        ? layout().place(name).run((fs, path) -> fs.getContentSummary(path))
        : summary(rename.source(name));
  }

  /** As S3A counts it: the folders too that are on the way to files. */
  private ContentSummary summary(Source source) throws IOException {
    ContentSummary.Builder summary = new ContentSummary.Builder();
    if (source.isFile()) {
      long length = source.file().getLen();
      return summary.length(length).fileCount(1).spaceConsumed(length).build();
    }
    int top = Routes.folder(source.name().key()).length();
    Set<String> folders = new HashSet<>(Set.of(source.name().key()));
    long files = 0;
    long length = 0;
    while (source.entries().hasNext()) {
      FileStatus entry = source.entries().next();
      String key = layout().key(entry.getPath()) + (entry.isDirectory() ? "/" : "");
      for (int end = key.lastIndexOf('/'); end > top; end = key.lastIndexOf('/', end - 1)) {
        if (!folders.add(key.substring(0, end))) {
          break; // then those above it are counted too
        }
      }
      files += entry.isFile() ? 1 : 0;
      length += entry.getLen();
    }
    return summary
        .length(length)
        .fileCount(files)
        .directoryCount(folders.size())
        .spaceConsumed(length)
        .build();
  }

  // -- what changes it --------------------------------------------------------------------------

  @Override
  public boolean mkdirs(Path folder, FsPermission permission) throws IOException {
    Name name = name(folder);
    layout().checkChange(name.owner(), name.key(), "mkdirs");
    if (lookup.isElsewhere(name)) {
      throw new FileAlreadyExistsException(folder + " is a file");
    }
    return folders.make(name, permission);
  }

  @Override
  public void copyFromLocalFile(boolean deleteSource, boolean overwrite, Path source, Path target)
      throws IOException {
    Name name = name(target);
    layout().checkFileChange(name, "copyFromLocalFile");
    if (name.isUniform() && name.file() == name.folder()) {
      at(
          name,
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
    Name name = name(file);
    checkChangeBelow(name, "delete");
    return lookup.isPlain(name)
        ? at(name, (fs, path) -> fs.delete(path, recursive))
        : removal.delete(name, recursive);
  }

  /** Hadoop's cache, which closes all on exit, has the stores alone: they keep this one in mind. */
  @Override
  public boolean deleteOnExit(Path file) throws IOException {
    Name name = name(file);
    checkChangeBelow(name, "deleteOnExit");
    Set<Rule> rules = new HashSet<>(layout().parts(name.key()));
    rules.add(name.file());
    rules.remove(null);
    synchronized (marked) {
      for (Rule rule : rules) {
        StoreFileSystem store = layout().store(rule);
        closers.add(store);
        store.tellBeforeClosing(this);
      }
      marked.add(makeQualified(file)); // whether it is there yet or not, as S3A has it
    }
    return true;
  }

  @Override
  public boolean cancelDeleteOnExit(Path file) {
    synchronized (marked) {
      boolean wasMarked = marked.remove(makeQualified(file));
      if (marked.isEmpty()) {
        forgetMe();
      }
      return wasMarked;
    }
  }

  private void forgetMe() {
    closers.forEach(store -> store.forget(this));
    closers.clear();
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
    forgetMe();
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
    Name from = name(source);
    Name to = name(target);
    checkChangeBelow(from, "rename");
    layout().checkFileChange(to, "rename");
    layout().checkChange(to.owner(), to.key(), "rename");
    if (mayBeReadOnlyBelow(to) && getFileStatus(source).isDirectory()) {
      for (Rule rule : layout().parts(to.key())) {
        layout().checkChange(rule, to.key(), "rename");
      }
    }
    return rename.rename(from, to);
  }

  /** As Hadoop's trash renames what is deleted: that never goes to another store. */
  @Override
  @SuppressWarnings("deprecation")
  protected void rename(Path source, Path target, Options.Rename... options) throws IOException {
    if (List.of(options).contains(Options.Rename.TO_TRASH)) {
      rename.checkStays(name(source), name(target));
    }
    super.rename(source, target, options);
  }

  /** On the store that a name is on. */
  @Override
  public Path getTrashRoot(Path file) {
    if (file == null) { // as Hadoop asks for the trash in the home folder
      return super.getTrashRoot(null);
    }
    try {
      return layout().path(trash.of(name(file)));
    } catch (IOException error) {
      LOG.warn("what is at {} can't be told", file, error);
      return super.getTrashRoot(file);
    }
  }

  @Override
  public Collection<FileStatus> getTrashRoots(boolean allUsers) {
    List<FileStatus> all = new ArrayList<>(super.getTrashRoots(allUsers));
    all.addAll(trash.besideHome(allUsers));
    return all;
  }

  /** Refuses to change a name with all that is in it, where some of that may only be read. */
  private void checkChangeBelow(Name name, String what) throws IOException {
    String key = name.key();
    Rule owner = name.owner();
    if (name.isTwofold() && name.file().readOnly != owner.readOnly) {
      if (lookup.fileOrNull(name) != null) {
        layout().checkChange(name.file(), key, what);
        return;
      }
    }
    layout().checkChange(owner, key, what);
    if (mayBeReadOnlyBelow(name)) {
      for (Rule rule : layout().parts(key)) {
        String top = layout().isAbove(key, rule) ? layout().head(rule) : key;
        if (rule.readOnly && listing.shows(rule, top)) {
          layout().checkChange(rule, top, what);
        }
      }
    }
  }

  private boolean mayBeReadOnlyBelow(Name name) {
    return !name.isUniform() && layout().parts(name.key()).stream().anyMatch(rule -> rule.readOnly);
  }
}

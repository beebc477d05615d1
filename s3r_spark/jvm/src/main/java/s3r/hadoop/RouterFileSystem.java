package s3r.hadoop;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
  private ChangeCheck changes;

  private final ExitDeletion exit = new ExitDeletion(this);
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
    changes = new ChangeCheck(layout(), lookup, listing);
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
    boolean one = lookup.isPlain(name) || (name.isUniform() && !layout().isStoreRoot(name));
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
        : Summary.of(rename.source(name), layout());
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
    changes.below(name, "delete");
    return lookup.isPlain(name)
        ? at(name, (fs, path) -> fs.delete(path, recursive))
        : removal.delete(name, recursive);
  }

  @Override
  public boolean deleteOnExit(Path file) throws IOException {
    Name name = name(file);
    changes.below(name, "deleteOnExit");
    Set<Rule> rules = new HashSet<>(layout().parts(name.key()));
    rules.add(name.file());
    rules.remove(null);
    List<StoreFileSystem> stores = new ArrayList<>();
    for (Rule rule : rules) {
      stores.add(layout().store(rule));
    }
    exit.mark(makeQualified(file), stores);
    return true;
  }

  @Override
  public boolean cancelDeleteOnExit(Path file) {
    return exit.cancel(makeQualified(file));
  }

  @Override
  protected void processDeleteOnExit() {
    exit.run();
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
    changes.below(from, "rename");
    changes.target(to, from, "rename");
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
}

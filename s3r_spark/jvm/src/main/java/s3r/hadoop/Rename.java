package s3r.hadoop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Renames what one store can't rename by itself: a name that moves to another store, or a folder
 * that spans some.
 *
 * <p>What an earlier rename has left that was stopped is taken up again.
 */
final class Rename {
  /** {@code copy}, or {@code refuse}: whether a rename across stores may copy. */
  static final String ACROSS = "fs.s3r.rename.across";

  private final Layout layout;
  private final Lookup lookup;
  private final Listing listing;
  private final Configuration conf;
  private final Relocation relocation;

  Rename(
      Layout layout,
      Lookup lookup,
      Listing listing,
      Removal removal,
      Folders folders,
      Configuration conf) {
    this.layout = layout;
    this.lookup = lookup;
    this.listing = listing;
    this.conf = conf;
    this.relocation = new Relocation(layout, removal, folders, conf);
  }

  /** Whether copies between stores are refused. */
  static boolean isRefused(Configuration conf) {
    return Settings.oneOf(conf, ACROSS, "copy", "refuse").equals("refuse");
  }

  /** Whether one store can do it by itself, in the way that is its own. */
  private boolean isWithinOneStore(Name from, Name to) throws IOException {
    if (!from.isUniform() || !to.isUniform()) {
      return false;
    }
    Place source = layout.place(from);
    Place target = layout.place(to);
    return source.sharesStoreWith(target)
        && !source.isStoreRoot()
        && lookup.isWhole(from)
        && to.file() == target.rule();
  }

  /**
   * Renames a name.
   *
   * @return false for what is renamed to itself, and is a folder
   * @throws IOException whatever else stops it: a store by itself would say false, and why in its
   *     log alone
   */
  boolean rename(Name from, Name to) throws IOException {
    boolean within = isWithinOneStore(from, to);
    if (within) {
      Place there = layout.place(to);
      if (layout.place(from).run((fs, path) -> fs.rename(path, there.path()))) {
        return true;
      }
    }
    Path source = layout.path(from.key());
    if (from.key().isEmpty()) {
      throw new PathIOException(source.toString(), "the root of a bucket can't be renamed");
    }
    boolean isItself = to.key().equals(from.key());
    if (!isItself && Routes.folder(to.key()).startsWith(Routes.folder(from.key()))) {
      throw new PathIOException(
          source.toString(),
          "it can't be renamed to " + layout.path(to.key()) + ", which is inside of it");
    }
    Source old = source(from);
    if (isItself) {
      return old.isFile();
    }
    FileStatus there = lookup.statusOrNull(to);
    Name target = to;
    if (old.isFile() && there != null && there.isDirectory()) {
      String last = from.key().substring(from.key().lastIndexOf('/') + 1);
      target = layout.name(Routes.folder(to.key()) + last);
      there = lookup.statusOrNull(target);
    } else if (there == null) {
      checkParent(from, to);
    }
    boolean resumes = !within && there != null && mayBeResumed(old, target, there);
    if (there != null && !resumes) {
      checkFree(old, target, there);
    }
    if (within) {
      throw new PathIOException(
          source.toString(),
          "client '"
              + layout.place(from).rule().client
              + "': the store would not rename it to "
              + layout.path(to.key())
              + "; a file may be on the way to that name (S3AFileSystem has logged why)");
    }
    acrossStores(old, target, resumes);
    return true;
  }

  /** What is at an old name: by as few requests as tell it. */
  Source source(Name from) throws IOException {
    FileStatus file = lookup.fileOrNull(from);
    return new Source(from, file, file == null ? listing.filesAndEmptyFolders(from) : null);
  }

  /**
   * Renames a name over stores.
   *
   * @param to the new name; it must not exist, or be an empty folder
   * @param resumes whether it may be what an earlier rename has left
   */
  private void acrossStores(Source from, Name to, boolean resumes) throws IOException {
    if (!from.isFile()) {
      layout.routes().checkAllBelow(to.key());
    }
    if (isRefused(conf) && mayCross(from, to)) {
      throw new PathIOException(
          layout.path(from.name().key()).toString(),
          "a rename to "
              + layout.path(to.key())
              + " would copy to another store, and "
              + ACROSS
              + "=refuse");
    }
    relocation.move(from, to, resumes);
  }

  /**
   * Refuses a rename to the trash where a file would change its store.
   *
   * @throws PathIOException one would, and nothing has been copied
   */
  void checkStays(Name from, Name to) throws IOException {
    if (from.isUniform() && to.isUniform()) {
      checkStays(layout.placeAsFile(from), layout.placeAsFile(to));
      return;
    }
    RemoteIterator<Move> moves = relocation.moves(source(from), to);
    while (moves.hasNext()) {
      Move move = moves.next();
      checkStays(move.from(), move.to());
    }
  }

  private static void checkStays(Place source, Place target) throws PathIOException {
    if (!source.sharesStoreWith(target)) {
      throw new PathIOException(
          source.logical().toString(),
          "it is on "
              + source.rule().store()
              + ", and its trash would be on "
              + target.rule().store()
              + ", to which nothing is copied only to be thrown away: "
              + "delete what is on one store by itself");
    }
  }

  /** Whether a file could change its store, by the rules alone. */
  private boolean mayCross(Source from, Name to) throws IOException {
    if (from.isFile()) {
      return !layout.placeAsFile(from.name()).sharesStoreWith(layout.placeAsFile(to));
    }
    List<Rule> all = new ArrayList<>(layout.parts(from.name().key()));
    all.addAll(layout.parts(to.key()));
    return all.stream().anyMatch(rule -> !rule.sharesStoreWith(all.get(0)));
  }

  /**
   * Whether what is at the new name may be what a rename to it has left that was stopped. Of a
   * folder: while it copied, so that all that is there is at the old name too, or while it deleted,
   * so that all that is at the old name is there too. Of a file: its copy, but not where both are
   * empty, which proves nothing. What is in the files is seen to where they are copied.
   */
  private boolean mayBeResumed(Source from, Name to, FileStatus target) throws IOException {
    if (from.isFile() || target.isFile()) {
      return from.isFile()
          && target.isFile()
          && from.file().getLen() > 0
          && from.file().getLen() == target.getLen();
    }
    return !listing.isEmpty(to) && (isWithin(to, from.name()) || isWithin(from.name(), to));
  }

  /** Whether each file of a folder is in another too, by name and length. */
  private boolean isWithin(Name some, Name all) throws IOException {
    RemoteIterator<LocatedFileStatus> files = listing.files(some);
    while (files.hasNext()) {
      FileStatus file = files.next();
      String key = all.key() + layout.key(file.getPath()).substring(some.key().length());
      FileStatus other = lookup.fileOrNull(layout.name(Routes.stripped(key)));
      if (other == null || other.getLen() != file.getLen()) {
        return false;
      }
    }
    return true;
  }

  /** Makes sure that the folder that a name is to be in is no file, where S3A would ask. */
  private void checkParent(Name from, Name to) throws IOException {
    Name parent = layout.parent(to);
    boolean isKnown = parent.key().equals(layout.parent(from).key());
    if (!isKnown && lookup.fileOrNull(parent) != null) {
      throw new ParentNotDirectoryException(
          what(from, to) + layout.path(parent.key()) + " is a file");
    }
  }

  /** Makes sure that what is at the new name is in nobody's way, as S3A has it. */
  private void checkFree(Source from, Name to, FileStatus target) throws IOException {
    String what = what(from.name(), to);
    if (target.isFile()) {
      throw new FileAlreadyExistsException(what + "there is a file of that name");
    }
    if (from.isFile()) {
      throw new FileAlreadyExistsException(what + "there is a folder of that name");
    }
    if (!listing.isEmpty(to)) {
      throw new PathIOException(
          layout.path(from.name().key()).toString(), what + "that folder is not empty");
    }
  }

  private String what(Name from, Name to) {
    return "rename " + layout.path(from.key()) + " to " + layout.path(to.key()) + ": ";
  }
}

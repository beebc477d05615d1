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
    this.relocation = new Relocation(layout, listing, removal, folders, conf);
  }

  /** Whether copies between stores are refused. */
  static boolean isRefused(Configuration conf) {
    return Settings.oneOf(conf, ACROSS, "copy", "refuse").equals("refuse");
  }

  /** Whether one store can do it by itself, in the way that is its own. */
  private boolean isWithinOneStore(String from, String to) throws IOException {
    if (!layout.isUniform(from) || !layout.isUniform(to)) {
      return false;
    }
    Place source = layout.place(from);
    Place target = layout.place(to);
    return source.sharesStoreWith(target)
        && !source.isStoreRoot()
        && lookup.isWhole(from)
        && layout.routes().isOwnerAsFile(target.rule(), to);
  }

  /**
   * Renames a name.
   *
   * @return false for what is renamed to itself, and is a folder
   * @throws IOException whatever else stops it: a store by itself would say false, and why in its
   *     log alone
   */
  boolean rename(String from, String to) throws IOException {
    boolean within = isWithinOneStore(from, to);
    if (within) {
      Place there = layout.place(to);
      if (layout.place(from).run((fs, path) -> fs.rename(path, there.path()))) {
        return true;
      }
    }
    Path source = layout.path(from);
    if (from.isEmpty()) {
      throw new PathIOException(source.toString(), "the root of a bucket can't be renamed");
    }
    if (Routes.folder(to).startsWith(Routes.folder(from)) && !to.equals(from)) {
      throw new PathIOException(
          source.toString(),
          "it can't be renamed to " + layout.path(to) + ", which is inside of it");
    }
    FileStatus status = lookup.status(from);
    if (to.equals(from)) {
      return status.isFile();
    }
    FileStatus there = lookup.statusOrNull(to);
    String target = to;
    if (status.isFile() && there != null && there.isDirectory()) {
      target = Routes.folder(to) + from.substring(from.lastIndexOf('/') + 1);
      there = lookup.statusOrNull(target);
    } else if (there == null) {
      checkParent(from, to);
    }
    boolean resumes = !within && there != null && mayBeResumed(from, status, target, there);
    if (there != null && !resumes) {
      checkFree(from, status, target, there);
    }
    if (within) {
      throw new PathIOException(
          source.toString(),
          "client '"
              + layout.place(from).rule().client
              + "': the store would not rename it to "
              + layout.path(to)
              + "; a file may be on the way to that name (S3AFileSystem has logged why)");
    }
    acrossStores(from, status, target, resumes);
    return true;
  }

  /**
   * Renames a name over stores.
   *
   * @param from the old name
   * @param status of the old name
   * @param to the new name; it must not exist, or be an empty folder
   * @param resumes whether it may be what an earlier rename has left
   */
  private void acrossStores(String from, FileStatus status, String to, boolean resumes)
      throws IOException {
    if (status.isDirectory()) {
      layout.routes().checkAllBelow(from);
      layout.routes().checkAllBelow(to);
    }
    if (isRefused(conf) && mayCross(from, to, status)) {
      throw new PathIOException(
          layout.path(from).toString(),
          "a rename to "
              + layout.path(to)
              + " would copy to another store, and "
              + ACROSS
              + "=refuse");
    }
    relocation.move(from, status, to, resumes);
  }

  /**
   * Refuses a rename to the trash where a file would change its store.
   *
   * @throws PathIOException one would, and nothing has been copied
   */
  void checkStays(String from, String to) throws IOException {
    if (layout.isUniform(from) && layout.isUniform(to)) {
      checkStays(layout.placeAsFile(from), layout.placeAsFile(to));
      return;
    }
    RemoteIterator<Move> moves = relocation.moves(from, lookup.status(from), to);
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
  private boolean mayCross(String from, String to, FileStatus status) throws IOException {
    if (status.isFile()) {
      return !layout.placeAsFile(from).sharesStoreWith(layout.placeAsFile(to));
    }
    List<Rule> all = new ArrayList<>(layout.parts(from));
    all.addAll(layout.parts(to));
    return all.stream().anyMatch(rule -> !rule.sharesStoreWith(all.get(0)));
  }

  /**
   * Whether what is at the new name may be what a rename to it has left that was stopped. Of a
   * folder: while it copied, so that all that is there is at the old name too, or while it deleted,
   * so that all that is at the old name is there too. Of a file: its copy, but not where both are
   * empty, which proves nothing. What is in the files is seen to where they are copied.
   */
  private boolean mayBeResumed(String from, FileStatus source, String to, FileStatus target)
      throws IOException {
    if (source.isFile() || target.isFile()) {
      boolean bothAre = source.isFile() && target.isFile();
      return bothAre && source.getLen() > 0 && source.getLen() == target.getLen();
    }
    return !listing.isEmpty(to) && (isWithin(to, from) || isWithin(from, to));
  }

  /** Whether each file of a folder is in another too, by name and length. */
  private boolean isWithin(String some, String all) throws IOException {
    RemoteIterator<LocatedFileStatus> files = listing.files(some);
    while (files.hasNext()) {
      FileStatus file = files.next();
      String key = all + layout.key(file.getPath()).substring(some.length());
      FileStatus other = lookup.statusOrNull(Routes.stripped(key));
      if (other == null || !other.isFile() || other.getLen() != file.getLen()) {
        return false;
      }
    }
    return true;
  }

  /** Makes sure that the folder that a name is to be in is no file. */
  private void checkParent(String from, String to) throws IOException {
    String parent = to.substring(0, Math.max(0, to.lastIndexOf('/')));
    FileStatus above = parent.isEmpty() ? null : lookup.statusOrNull(parent);
    if (above != null && above.isFile()) {
      throw new ParentNotDirectoryException(what(from, to) + layout.path(parent) + " is a file");
    }
  }

  /** Makes sure that what is at the new name is in nobody's way, as S3A has it. */
  private void checkFree(String from, FileStatus source, String to, FileStatus target)
      throws IOException {
    if (target.isFile()) {
      throw new FileAlreadyExistsException(what(from, to) + "there is a file of that name");
    }
    if (source.isFile()) {
      throw new FileAlreadyExistsException(what(from, to) + "there is a folder of that name");
    }
    if (!listing.isEmpty(to)) {
      throw new PathIOException(
          layout.path(from).toString(), what(from, to) + "that folder is not empty");
    }
  }

  private String what(String from, String to) {
    return "rename " + layout.path(from) + " to " + layout.path(to) + ": ";
  }
}

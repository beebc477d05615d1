package s3r.hadoop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.fs.s3a.S3ALocatedFileStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renames what one store can't rename by itself: a name that moves to another store, or a folder
 * that spans some.
 *
 * <p>In this order: every file that changes its store is copied, then checked; only then are files
 * that stay in their store renamed there, and the copied ones deleted. Whatever stops it, each file
 * is at its old name or its new one.
 */
final class Rename {
  /** {@code copy}, or {@code refuse}: whether a rename across stores may copy. */
  static final String ACROSS = "fs.s3r.rename.across";

  private static final Logger LOG = LoggerFactory.getLogger(Rename.class);

  private final Layout layout;
  private final Lookup lookup;
  private final Listing listing;
  private final Removal removal;
  private final Folders folders;
  private final Configuration conf;
  private final Copies copies;

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
    this.removal = removal;
    this.folders = folders;
    this.conf = conf;
    this.copies = new Copies(conf);
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
    Path target = layout.path(to);
    if (from.isEmpty()) {
      throw new PathIOException(source.toString(), "the root of a bucket can't be renamed");
    }
    if (Routes.folder(to).startsWith(Routes.folder(from)) && !to.equals(from)) {
      throw new PathIOException(
          source.toString(), "it can't be renamed to " + target + ", which is inside of it");
    }
    FileStatus status = lookup.status(from);
    if (to.equals(from)) {
      return status.isFile();
    }
    String free = destination(from, status, to, lookup.statusOrNull(to));
    if (within) {
      throw new PathIOException(
          source.toString(),
          "client '"
              + layout.place(from).rule().client
              + "': the store would not rename it to "
              + target
              + "; a file may be on the way to that name (S3AFileSystem has logged why)");
    }
    acrossStores(from, status, free);
    return true;
  }

  /**
   * Renames a name over stores.
   *
   * @param from the old name
   * @param status of the old name
   * @param to the new name; it must not exist, or be an empty folder
   */
  private void acrossStores(String from, FileStatus status, String to) throws IOException {
    String what = layout.path(from) + " to " + layout.path(to);
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
    List<Move> moves = moves(from, status, to);
    List<Move> crossing = moves.stream().filter(Move::crosses).toList();
    long bytes = crossing.stream().mapToLong(Move::length).sum();
    LOG.info(
        "rename {}: {} files, {} of them ({} bytes) to another store",
        what,
        moves.size(),
        crossing.size(),
        bytes);
    copies.make(what, crossing);
    int done = 0;
    try {
      for (Move move : moves) {
        if (!move.crosses()) {
          renameInStore(move);
        } else if (!move.folder()) {
          move.from().run((fs, path) -> fs.delete(path, false));
        }
        done++;
      }
      if (status.isDirectory()) {
        removal.deleteEmptyFolders(from);
        folders.keepParent(from);
        folders.make(to, FsPermission.getDirDefault());
      }
    } catch (IOException error) {
      throw Errors.because(
          error,
          "rename "
              + what
              + " stopped: "
              + done
              + " of "
              + moves.size()
              + " files are at the new name only; of the others, "
              + "those that change their store are at both names, and the rest is at the old one: "
              + error.getMessage());
    }
    LOG.info("rename {}: done", what);
  }

  /** Whether a file could change its store, by the rules alone. */
  private boolean mayCross(String from, String to, FileStatus status) throws IOException {
    if (status.isFile()) {
      return !layout.place(from).sharesStoreWith(layout.place(to));
    }
    List<Rule> all = new ArrayList<>(layout.parts(from));
    all.addAll(layout.parts(to));
    return all.stream().anyMatch(rule -> !rule.sharesStoreWith(all.get(0)));
  }

  private List<Move> moves(String from, FileStatus status, String to) throws IOException {
    List<Move> moves = new ArrayList<>();
    if (status.isFile()) {
      moves.add(new Move(layout.place(from), layout.placeOfFile(to), status.getLen(), false));
      return moves;
    }
    RemoteIterator<S3ALocatedFileStatus> found = listing.filesAndEmptyFolders(from);
    while (found.hasNext()) {
      FileStatus entry = found.next();
      String key = layout.key(entry.getPath());
      String rest = key.substring(from.length());
      if (!rest.isEmpty() || !entry.isDirectory()) {
        boolean folder = entry.isDirectory();
        String target = Routes.stripped(to + rest);
        Place there = folder ? layout.place(target) : layout.placeOfFile(target);
        moves.add(new Move(layout.place(key), there, entry.getLen(), folder));
      }
    }
    return moves;
  }

  /** Old folders are left: they are deleted last, when nothing is in them any more. */
  private static void renameInStore(Move move) throws IOException {
    if (move.folder()) {
      move.to().run((fs, path) -> fs.mkdirs(path));
    } else if (!move.from().run((fs, path) -> fs.rename(path, move.to().path()))) {
      throw new PathIOException(
          move.from().logical().toString(),
          "the store would not rename it to " + move.to().logical());
    }
  }

  /**
   * The new name where the one that was asked is a folder, as S3A decides it.
   *
   * @param target what is at the new name; null: nothing
   */
  private String destination(String from, FileStatus source, String to, FileStatus target)
      throws IOException {
    String what = "rename " + layout.path(from) + " to " + layout.path(to) + ": ";
    if (target == null) {
      String parent = to.substring(0, Math.max(0, to.lastIndexOf('/')));
      FileStatus above = parent.isEmpty() ? null : lookup.statusOrNull(parent);
      if (above != null && above.isFile()) {
        throw new ParentNotDirectoryException(what + layout.path(parent) + " is a file");
      }
      return to;
    }
    if (target.isFile()) {
      throw new FileAlreadyExistsException(what + "there is a file of that name");
    }
    if (source.isFile()) {
      String inside = Routes.folder(to) + from.substring(from.lastIndexOf('/') + 1);
      if (lookup.statusOrNull(inside) != null) {
        throw new FileAlreadyExistsException(what + layout.path(inside) + " exists");
      }
      return inside;
    }
    if (!listing.isEmpty(to)) {
      throw new PathIOException(layout.path(from).toString(), what + "that folder is not empty");
    }
    return to;
  }
}

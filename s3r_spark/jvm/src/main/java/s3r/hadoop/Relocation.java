package s3r.hadoop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.fs.s3a.S3ALocatedFileStatus;
import org.apache.hadoop.util.functional.RemoteIterators;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves files by copies, to other stores or within theirs.
 *
 * <p>In this order: every file is copied, and the copies are proven; only then are the old files
 * deleted, each if it is what was copied still. Whatever stops it, each file is at its old name or
 * its new one, and doing it again does the rest.
 */
final class Relocation {
  private static final int NAMED = 5;
  private static final Logger LOG = LoggerFactory.getLogger(Relocation.class);

  private final Layout layout;
  private final Listing listing;
  private final Removal removal;
  private final Folders folders;
  private final Configuration conf;

  Relocation(Layout layout, Listing listing, Removal removal, Folders folders, Configuration conf) {
    this.layout = layout;
    this.listing = listing;
    this.removal = removal;
    this.folders = folders;
    this.conf = conf;
  }

  /**
   * Moves a file, or all that is in a folder.
   *
   * @param status of the old name
   * @param resumes whether an earlier move may have left copies at the new name
   */
  void move(String from, FileStatus status, String to, boolean resumes) throws IOException {
    String what = layout.path(from) + " to " + layout.path(to);
    Copies copies = new Copies(what, resumes, conf);
    try {
      copies.make(moves(from, status, to));
    } catch (IOException error) {
      int left = copies.left() + withdraw(status, to, copies.made());
      throw Errors.because(
          error,
          "rename "
              + what
              + " failed, and all is at the old name still ("
              + left
              + " copies are left at the new one): "
              + error.getMessage());
    }
    LOG.info("rename {}: {} copied", what, copies.told());
    List<String> changed = new ArrayList<>();
    try {
      if (status.isFile()) {
        deleteFile(from, copies.copied(), changed);
      } else {
        removal.deleteIf(from, entry -> isAsCopied(entry, copies.copied(), changed));
        if (copies.copied().size() == 0) { // else it is there by what is in it, as on S3A
          folders.make(to, FsPermission.getDirDefault());
        }
      }
      folders.keepParent(from);
    } catch (IOException error) {
      throw Errors.because(
          error,
          "rename "
              + what
              + " stopped: all files are at the new name, and some may be at the old one still, "
              + "which doing it again deletes: "
              + error.getMessage());
    }
    if (!changed.isEmpty()) {
      throw new PathIOException(
          layout.path(from).toString(),
          "rename "
              + what
              + ": all has been copied; what was written to the old name since stays there: "
              + named(changed));
    }
  }

  private static String named(List<String> names) {
    String some = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return names.size() > NAMED ? some + " and " + (names.size() - NAMED) + " more" : some;
  }

  /** What is to be moved of a file or a folder, page by page. */
  RemoteIterator<Move> moves(String from, FileStatus status, String to) throws IOException {
    return status.isFile() ? theFile(from, status, to) : allBelow(from, to);
  }

  private RemoteIterator<Move> theFile(String from, FileStatus status, String to)
      throws IOException {
    Place place = layout.placeOfFile(to);
    return RemoteIterators.remoteIteratorFromSingleton(
        new Move(layout.placeAsFile(from), place, status.getLen(), false));
  }

  private RemoteIterator<Move> allBelow(String from, String to) throws IOException {
    RemoteIterator<S3ALocatedFileStatus> below =
        RemoteIterators.filteringRemoteIterator(
            listing.filesAndEmptyFolders(from),
            entry -> !entry.isDirectory() || !layout.key(entry.getPath()).equals(from));
    return RemoteIterators.mappingRemoteIterator(below, entry -> moved(entry, from, to));
  }

  private Move moved(S3ALocatedFileStatus entry, String from, String to) throws IOException {
    String key = layout.key(entry.getPath());
    String target = Routes.stripped(to + key.substring(from.length()));
    boolean folder = entry.isDirectory();
    Place there = folder ? layout.place(target) : layout.placeOfFile(target);
    Place here = folder ? layout.place(key) : layout.placeAsFile(key);
    return new Move(here, there, entry.getLen(), folder);
  }

  private void deleteFile(String from, Versions copied, List<String> changed) throws IOException {
    if (!deleteIfOneOf(copied, from)) {
      changed.add(layout.path(from).toString());
    }
  }

  /** Deletes a file where it is still one of some versions; whether it did. */
  private boolean deleteIfOneOf(Versions some, String key) throws IOException {
    StoredObject file = new StoredObject(layout.placeAsFile(key));
    String etag = file.head().eTag();
    return some.has(layout.path(key).toString(), etag) && file.delete(etag);
  }

  /** Whether an old file is the one that was copied; an old folder without files is to go too. */
  private boolean isAsCopied(S3ALocatedFileStatus entry, Versions copied, List<String> changed)
      throws IOException {
    if (entry.isDirectory()) {
      return true;
    }
    boolean same = isOneOf(copied, entry);
    if (!same) {
      changed.add(entry.getPath().toString());
    }
    return same;
  }

  /** Whether a file is one of some versions: some listings have other ETags than answers have. */
  private boolean isOneOf(Versions some, S3ALocatedFileStatus entry) throws IOException {
    String name = entry.getPath().toString();
    if (some.has(name, entry.getEtag())) {
      return true;
    }
    Place place = layout.placeAsFile(layout.key(entry.getPath()));
    return some.has(name, new StoredObject(place).head().eTag());
  }

  /** Deletes copies that are not wanted any more; how many could not be deleted. */
  private int withdraw(FileStatus source, String to, Versions made) {
    if (made.size() == 0) {
      return 0;
    }
    try {
      return made.size() - Uninterrupted.call(() -> deleteCopies(source, to, made));
    } catch (IOException | RuntimeException error) {
      LOG.warn("copies at {} could not be deleted", layout.path(to), error);
      return made.size();
    }
  }

  /** Deletes copies that are what they were when they were made; how many. */
  private int deleteCopies(FileStatus source, String to, Versions made) throws IOException {
    if (source.isFile()) {
      return deleteIfOneOf(made, to) ? 1 : 0;
    }
    int[] deleted = {0};
    removal.deleteIf(
        to,
        entry -> {
          boolean its = entry.isFile() && isOneOf(made, entry);
          deleted[0] += its ? 1 : 0;
          return its;
        });
    return deleted[0];
  }
}

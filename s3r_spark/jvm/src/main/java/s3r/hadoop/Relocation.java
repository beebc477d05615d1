package s3r.hadoop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.fs.s3a.S3AFileStatus;
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
  private final Removal removal;
  private final Folders folders;
  private final Configuration conf;

  Relocation(Layout layout, Removal removal, Folders folders, Configuration conf) {
    this.layout = layout;
    this.removal = removal;
    this.folders = folders;
    this.conf = conf;
  }

  /**
   * Moves a file, or all that is in a folder.
   *
   * @param resumes whether an earlier move may have left copies at the new name
   */
  void move(Source source, Name to, boolean resumes) throws IOException {
    Name from = source.name();
    String what = layout.path(from.key()) + " to " + layout.path(to.key());
    Copies copies = new Copies(what, resumes, conf);
    try {
      copies.make(moves(source, to));
    } catch (IOException error) {
      int left = copies.left() + withdraw(source, to, copies.made());
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
      if (source.isFile()) {
        deleteFile(from, copies.copied(), changed);
      } else {
        removal.deleteIf(from, entry -> isAsCopied(entry, copies.copied(), changed));
        if (copies.copied().size() == 0) { // else it is there by what is in it, as on S3A
          folders.make(to, FsPermission.getDirDefault());
        }
      }
      if (!layout
          .parent(from)
          .key()
          .equals(layout.parent(to).key())) { // else the new name keeps it
        folders.keepParent(from);
      }
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
          layout.path(from.key()).toString(),
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
  RemoteIterator<Move> moves(Source source, Name to) throws IOException {
    Name from = source.name();
    if (source.isFile()) {
      return RemoteIterators.remoteIteratorFromSingleton(
          new Move(
              layout.placeAsFile(from), layout.placeOfFile(to), source.file().getLen(), false));
    }
    return RemoteIterators.mappingRemoteIterator(
        RemoteIterators.filteringRemoteIterator(
            source.entries(),
            entry -> !entry.isDirectory() || !layout.key(entry.getPath()).equals(from.key())),
        entry -> moved(entry, from, to));
  }

  private Move moved(S3ALocatedFileStatus entry, Name from, Name to) throws IOException {
    Name old = layout.name(layout.key(entry.getPath()));
    Name renamed =
        layout.name(Routes.stripped(to.key() + old.key().substring(from.key().length())));
    return entry.isDirectory()
        ? new Move(layout.place(old), layout.place(renamed), 0, true)
        : new Move(layout.placeAsFile(old), layout.placeOfFile(renamed), entry.getLen(), false);
  }

  private void deleteFile(Name from, Versions copied, List<String> changed) throws IOException {
    if (!deleteIfOneOf(copied, from)) {
      changed.add(layout.path(from.key()).toString());
    }
  }

  /** Deletes a file where it is still one of some versions; false: it is another one. */
  private boolean deleteIfOneOf(Versions some, Name name) throws IOException {
    String path = layout.path(name.key()).toString();
    return new StoredObject(layout.placeAsFile(name)).deleteIf(etag -> some.has(path, etag));
  }

  /** Whether an old file is the one that was copied; an old folder without files is to go too. */
  private boolean isAsCopied(S3AFileStatus entry, Versions copied, List<String> changed)
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
  private boolean isOneOf(Versions some, S3AFileStatus entry) throws IOException {
    String name = entry.getPath().toString();
    if (some.has(name, entry.getEtag())) {
      return true;
    }
    Place place = layout.placeAsFile(layout.name(layout.key(entry.getPath())));
    return some.has(name, new StoredObject(place).head().eTag());
  }

  /** Deletes copies that are not wanted any more; how many could not be deleted. */
  private int withdraw(Source source, Name to, Versions made) {
    if (made.size() == 0) {
      return 0;
    }
    try {
      return made.size() - Uninterrupted.call(() -> deleteCopies(source, to, made));
    } catch (IOException | RuntimeException error) {
      LOG.warn("copies at {} could not be deleted", layout.path(to.key()), error);
      return made.size();
    }
  }

  /** Deletes copies that are what they were when they were made; how many. */
  private int deleteCopies(Source source, Name to, Versions made) throws IOException {
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

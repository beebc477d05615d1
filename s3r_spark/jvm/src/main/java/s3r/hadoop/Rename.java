package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.S3ALocatedFileStatus;
import org.apache.hadoop.io.IOUtils;
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

  private static final String THREADS = "fs.s3r.rename.threads";
  private static final int DEFAULT_THREADS = 8;
  private static final int BUFFER = 1 << 20;
  private static final int LOG_EVERY = 100;
  private static final Logger LOG = LoggerFactory.getLogger(Rename.class);

  private final Layout layout;
  private final Listing listing;
  private final Removal removal;
  private final Configuration conf;

  Rename(Layout layout, Listing listing, Removal removal, Configuration conf) {
    this.layout = layout;
    this.listing = listing;
    this.removal = removal;
    this.conf = conf;
  }

  /** A file, or a folder with nothing in it, on its way. */
  private record Move(Place from, Place to, long length, boolean folder) {
    boolean crosses() {
      return !from.sharesStoreWith(to);
    }
  }

  /** Whether copies between stores are refused. */
  static boolean isRefused(Configuration conf) {
    String value = conf.getTrimmed(ACROSS, "copy");
    if (!value.equals("copy") && !value.equals("refuse")) {
      throw new IllegalArgumentException(ACROSS + " must be copy or refuse, not '" + value + "'");
    }
    return value.equals("refuse");
  }

  /** Whether one store can do it by itself, in the way that is its own. */
  boolean isWithinOneStore(String from, String to) throws IOException {
    if (!layout.isUniform(from) || !layout.isUniform(to)) {
      return false;
    }
    Place source = layout.place(from);
    Place target = layout.place(to);
    return source.sharesStoreWith(target)
        && !source.isStoreRoot()
        && layout.routes().isOwnerAsFile(target.rule(), to);
  }

  /**
   * Renames a name over stores.
   *
   * @param from the old name
   * @param status of the old name
   * @param to the new name; it must not exist, or be an empty folder
   */
  void rename(String from, FileStatus status, String to) throws IOException {
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
    copyAll(what, crossing);
    int done = 0;
    try {
      for (Move move : moves) {
        if (!move.crosses()) {
          renameInStore(move);
        } else if (!move.folder) {
          move.from.run((fs, path) -> fs.delete(path, false));
        }
        done++;
      }
      if (status.isDirectory()) {
        removal.deleteEmptyFolders(from);
        layout.place(to).run((fs, path) -> fs.mkdirs(path));
      }
    } catch (IOException error) {
      throw new IOException(
          "rename "
              + what
              + " stopped: "
              + done
              + " of "
              + moves.size()
              + " files are at the new name only; of the others, "
              + "those that change their store are at both names, and the rest is at the old one: "
              + error.getMessage(),
          error);
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
    if (move.folder) {
      move.to.run((fs, path) -> fs.mkdirs(path));
    } else if (!move.from.run((fs, path) -> fs.rename(path, move.to.path()))) {
      throw new PathIOException(
          move.from.logical().toString(), "the store would not rename it to " + move.to.logical());
    }
  }

  private void copyAll(String what, List<Move> moves) throws IOException {
    if (moves.isEmpty()) {
      return;
    }
    int threads = Math.min(moves.size(), conf.getInt(THREADS, DEFAULT_THREADS));
    ExecutorService pool = Executors.newFixedThreadPool(threads, Rename::daemon);
    List<Move> copied = new ArrayList<>();
    AtomicInteger count = new AtomicInteger();
    AtomicBoolean stopped = new AtomicBoolean();
    try {
      List<Future<Move>> running = new ArrayList<>();
      for (Move move : moves) {
        Callable<Move> copy =
            () -> {
              if (stopped.get()) {
                return null; // another could not be copied
              }
              copy(move);
              int done = count.incrementAndGet();
              if (done % LOG_EVERY == 0) {
                LOG.info("rename {}: {} of {} files copied", what, done, moves.size());
              }
              return move;
            };
        running.add(pool.submit(copy));
      }
      IOException failure = null;
      for (Future<Move> one : running) {
        try {
          Move move = one.get();
          if (move != null) {
            copied.add(move);
          }
        } catch (ExecutionException error) {
          stopped.set(true);
          failure = failure == null ? asIo(error.getCause()) : failure;
        }
      }
      if (failure != null) {
        int left = withdraw(copied);
        throw new IOException(
            "rename "
                + what
                + " failed, and all is at the old name still ("
                + left
                + " copies are left at the new one): "
                + failure.getMessage(),
            failure);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException(
          "rename "
              + what
              + " was interrupted: all is at the old name still, with copies of "
              + count
              + " files at the new one");
    } finally {
      pool.shutdownNow();
    }
  }

  private static IOException asIo(Throwable error) {
    return error instanceof IOException io ? io : new IOException(error);
  }

  /** Deletes copies that are not wanted any more; how many could not be deleted. */
  private static int withdraw(List<Move> copied) {
    int left = 0;
    for (Move move : copied) {
      try {
        move.to.run((fs, path) -> fs.delete(path, false));
      } catch (IOException error) {
        LOG.warn("{} is a copy that could not be deleted", move.to.logical(), error);
        left++;
      }
    }
    return left;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "s3r-rename");
    thread.setDaemon(true);
    return thread;
  }

  private static void copy(Move move) throws IOException {
    if (move.folder) {
      move.to.run((fs, path) -> fs.mkdirs(path));
      return;
    }
    long length;
    try (FSDataInputStream in = move.from.run((fs, path) -> fs.open(path, BUFFER))) {
      length = move.to.run((fs, path) -> write(in, fs, path));
    }
    if (length != move.length) {
      throw new PathIOException(
          move.to.logical().toString(),
          "the copy has " + length + " bytes, and " + move.from.logical() + " has " + move.length);
    }
  }

  /** Writes a file whole or not at all; its length as the store says it. */
  private static long write(FSDataInputStream in, StoreFileSystem fs, Path path)
      throws IOException {
    FSDataOutputStream out = fs.create(path, false);
    try {
      IOUtils.copyBytes(in, out, BUFFER, false);
    } catch (IOException | RuntimeException error) {
      out.abort(); // closing it would make what was written so far a file
      throw error;
    }
    out.close();
    return fs.getFileStatus(path).getLen();
  }

  /**
   * The new name where the one that was asked is a folder, as S3A decides it.
   *
   * @param target what is at the new name; null: nothing
   */
  String destination(String from, FileStatus source, String to, FileStatus target)
      throws IOException {
    if (target == null) {
      return to;
    }
    String what = "rename " + layout.path(from) + " to " + layout.path(to) + ": ";
    if (target.isFile()) {
      throw new FileAlreadyExistsException(what + "there is a file of that name");
    }
    if (source.isFile()) {
      String inside = Routes.folder(to) + from.substring(from.lastIndexOf('/') + 1);
      if (exists(inside)) {
        throw new FileAlreadyExistsException(what + layout.path(inside) + " exists");
      }
      return inside;
    }
    if (!listing.isEmpty(to)) {
      throw new PathIOException(layout.path(from).toString(), what + "that folder is not empty");
    }
    return to;
  }

  private boolean exists(String key) throws IOException {
    try {
      return listing.exists(layout.place(key));
    } catch (FileNotFoundException missing) {
      return false;
    }
  }
}

package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.s3a.AWSBadRequestException;
import org.apache.hadoop.fs.s3a.Constants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * The copy of a file in another store, proven to hold what the file holds.
 *
 * <p>Digests are taken while the bytes pass, and held against what each of the two stores says of
 * its object: its ETag, its checksums. An object of which a store says nothing that would do is
 * read once more. The file is not the copy itself, whatever the stores' addresses are: it is there
 * while the new name isn't, or was last written at another time.
 */
final class Copy {
  private static final int PART = 8 << 20; // larger where there would be too many
  private static final int MOST_PARTS = 10_000;
  private static final int ATTEMPTS = 3;
  private static final Content.Measure WHOLE = new Content.Measure(Content.Algorithm.MD5, 0);
  private static final Content.Measure CRC = new Content.Measure(Content.Algorithm.CRC64NVME, 0);
  private static final Logger LOG = LoggerFactory.getLogger(Copy.class);

  private final Move move;
  private final Memory memory;
  private final StoredObject file;
  private final StoredObject target;
  private final AtomicInteger left;
  private HeadObjectResponse original;
  private int part;

  /**
   * A copy that is to be made.
   *
   * @param left counts what could not be deleted of copies that are not to be used
   */
  Copy(Move move, Memory memory, AtomicInteger left) {
    this.move = move;
    this.memory = memory;
    this.left = left;
    this.file = new StoredObject(move.from());
    this.target = new StoredObject(move.to());
  }

  /**
   * What has been proven to be the same.
   *
   * @param file the ETag of the file
   * @param copy that of the copy
   * @param isNew whether the copy was not there before
   */
  record Pair(String file, String copy, boolean isNew) {}

  /** Bytes that have come out others than they were. */
  private static final class DamagedException extends PathIOException {
    private static final long serialVersionUID = 1;

    DamagedException(Place place, String what) {
      super(place.logical().toString(), what);
    }
  }

  /**
   * Makes the copy; one that has come out other than the file is made again.
   *
   * @param resumes whether a copy that is there already will do
   * @throws FileAlreadyExistsException there is something at the new name
   * @throws IOException it could not be made
   */
  Pair make(boolean resumes) throws IOException {
    original = file.head();
    Headers.of(original).check(move.from());
    part = partLength();
    HeadObjectResponse there = target.headOrNull();
    if (there != null && !resumes) {
      throw new FileAlreadyExistsException(move.to().logical() + " exists");
    }
    long held = Math.min(part, original.contentLength());
    memory.take(held, move.from());
    try {
      return there == null ? attempts() : existing(there);
    } finally {
      memory.give(held);
    }
  }

  private int partLength() {
    long length = original.contentLength();
    boolean inParts =
        move.to().fs().getConf().getBoolean(Constants.MULTIPART_UPLOADS_ENABLED, true);
    long least = inParts ? length / MOST_PARTS + 1 : length;
    long whole = (Math.max(PART, least) + (1 << 20) - 1) >> 20 << 20;
    return (int) Math.min(whole, Integer.MAX_VALUE - 8);
  }

  private Pair attempts() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return new Pair(original.eTag(), attempt(), true);
      } catch (DamagedException damaged) {
        if (attempt == ATTEMPTS) {
          throw damaged;
        }
        if (target.headOrNull() != null) {
          throw cameMeanwhile();
        }
        LOG.warn("{}: it is copied once more", damaged.getMessage());
      }
    }
  }

  /** The copy that an earlier rename has left, where it is one. */
  private Pair existing(HeadObjectResponse there) throws IOException {
    long itsPart = target.partLength(there);
    long ofFile = file.partLength(original);
    List<Witness> said = file.witnesses(original, ofFile, false);
    Content content = content(said, itsPart);
    boolean sameLength = there.contentLength().equals(original.contentLength());
    for (long from = 0; sameLength && from < original.contentLength(); from += part) {
      content.update(file.read(original, from, length(from)));
    }
    if (!sameLength || !isCopy(content, there, itsPart, false)) {
      throw new FileAlreadyExistsException(move.to().logical() + " exists, and is no copy of it");
    }
    checkFile(content, said, ofFile);
    if (isTheFile(there)) {
      throw new FileAlreadyExistsException(
          move.to().logical() + " exists, and is the file itself by another name");
    }
    return new Pair(original.eTag(), there.eTag(), false);
  }

  /**
   * Whether what is at the new name is the file: not if it is of another time or ETag, nor if what
   * is put beside it isn't beside the file.
   */
  private boolean isTheFile(HeadObjectResponse there) throws IOException {
    if (!isSame(there, original) && isSame(file.head(), original)) {
      return false;
    }
    String name = "_s3r-probe-" + UUID.randomUUID();
    StoredObject probe = target.beside(name);
    String etag = probe.put(new byte[0], md5(new byte[0]), Headers.NONE);
    try {
      return file.beside(name).headOrNull() != null;
    } finally {
      probe.delete(etag);
    }
  }

  private static boolean isSame(HeadObjectResponse one, HeadObjectResponse other) {
    return one.lastModified().equals(other.lastModified()) && one.eTag().equals(other.eTag());
  }

  private int length(long from) {
    return (int) Math.min(part, original.contentLength() - from);
  }

  private Content content(List<Witness> said, long itsPart) {
    List<Content.Measure> measures = new ArrayList<>(List.of(WHOLE, CRC));
    measures.add(new Content.Measure(Content.Algorithm.MD5, itsPart));
    said.forEach(witness -> measures.add(witness.measure()));
    return new Content(measures);
  }

  /** Makes the copy once; its ETag. */
  private String attempt() throws IOException {
    long ofFile = file.partLength(original);
    List<Witness> said = file.witnesses(original, ofFile, false);
    Content content = content(said, part);
    String etag = null;
    boolean proven = false;
    try {
      etag = original.contentLength() <= part ? inOne(content) : inParts(content);
      checkFile(content, said, ofFile);
      etag = checkCopy(content, etag);
      proven = true;
      return etag;
    } catch (AWSBadRequestException refused) {
      if (!String.valueOf(refused.getMessage()).contains("Digest")) { // BadDigest, InvalidDigest
        throw refused;
      }
      throw new DamagedException(move.to(), "other bytes have come to its store than were sent");
    } finally {
      if (!proven) {
        withdraw(content, etag);
      }
    }
  }

  private String inOne(Content content) throws IOException {
    byte[] bytes = file.read(original, 0, (int) (long) original.contentLength());
    content.update(bytes);
    return target.put(bytes, md5(bytes), Headers.of(original));
  }

  private String inParts(Content content) throws IOException {
    try (StoredObject.Upload upload = target.upload(Headers.of(original))) {
      for (long from = 0; from < original.contentLength(); from += part) {
        byte[] bytes = file.read(original, from, length(from));
        content.update(bytes);
        upload.put(bytes, md5(bytes));
      }
      if (target.headOrNull() != null) {
        throw cameMeanwhile();
      }
      return completed(upload);
    }
  }

  private FileAlreadyExistsException cameMeanwhile() {
    return new FileAlreadyExistsException(move.to().logical() + " has come to be meanwhile");
  }

  /** Completes an upload; the ETag, or null where it is to be looked at what is there. */
  private String completed(StoredObject.Upload upload) throws IOException {
    try {
      return upload.complete();
    } catch (FileNotFoundException gone) {
      // An answer was lost, and it was asked again: some stores know the upload no more then.
      if (target.headOrNull() == null) {
        throw gone;
      }
      return null;
    }
  }

  private static String md5(byte[] bytes) {
    Content content = new Content(List.of(WHOLE));
    content.update(bytes);
    byte[] digest = HexFormat.of().parseHex(content.digest(WHOLE));
    return Base64.getEncoder().encodeToString(digest);
  }

  /** Makes sure that the bytes that have come are those of the file. */
  private void checkFile(Content content, List<Witness> said, long itsPart) throws IOException {
    if (said.stream().anyMatch(witness -> witness.isFor(content))) {
      return;
    }
    boolean alike = file.partsAreAlike(original, itsPart);
    List<Witness> sure = alike ? file.witnesses(original, itsPart, true) : said;
    if (sure.stream().anyMatch(witness -> witness.isAgainst(content))
        || !isAgain(file, original, content)) {
      throw new DamagedException(move.from(), "other bytes have come than its store has");
    }
  }

  /** Makes sure of the copy; its ETag. */
  private String checkCopy(Content content, String etag) throws IOException {
    if (Witness.ofEtag(etag, part, true).stream().anyMatch(witness -> witness.isFor(content))) {
      return etag;
    }
    HeadObjectResponse copy = target.head();
    if (etag != null && !Witness.unquoted(etag).equals(Witness.unquoted(copy.eTag()))) {
      throw new PathIOException(
          move.to().logical().toString(), "it has been overwritten since it was copied there");
    }
    if (!isCopy(content, copy, part, true)) {
      throw new DamagedException(move.to(), "its store has other bytes than were sent");
    }
    return copy.eTag();
  }

  private boolean isCopy(Content content, HeadObjectResponse head, long itsPart, boolean sure)
      throws IOException {
    List<Witness> said = target.witnesses(head, itsPart, sure);
    if (said.stream().anyMatch(witness -> witness.isFor(content))) {
      return true;
    }
    return said.stream().noneMatch(witness -> witness.isAgainst(content))
        && isAgain(target, head, content);
  }

  /** Whether an object, read from its store, is what has passed. */
  private boolean isAgain(StoredObject object, HeadObjectResponse head, Content content)
      throws IOException {
    if (!head.contentLength().equals(original.contentLength())) {
      return false;
    }
    Content read = new Content(List.of(WHOLE));
    for (long from = 0; from < head.contentLength(); from += part) {
      read.update(object.read(head, from, length(from)));
    }
    return read.digest(WHOLE).equals(content.digest(WHOLE));
  }

  /**
   * Deletes what was written and is not to be used; nothing that another may have written since.
   *
   * @param etag of what was written; null: it may not have been, or the answer was lost
   */
  private void withdraw(Content content, String etag) {
    try {
      Uninterrupted.call(() -> deleteCopy(content, etag));
    } catch (IOException | RuntimeException error) {
      LOG.warn("{}: what was copied there could not be deleted", move.to().logical(), error);
      left.incrementAndGet();
    }
  }

  private boolean deleteCopy(Content content, String etag) throws IOException {
    if (etag != null) {
      return target.delete(etag);
    }
    HeadObjectResponse there = target.headOrNull();
    if (there != null && !isCopy(content, there, part, true)) {
      throw new PathIOException(move.to().logical().toString(), "there is something else");
    }
    return there == null || target.delete(there.eTag());
  }
}

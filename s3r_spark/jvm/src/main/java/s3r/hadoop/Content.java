package s3r.hadoop;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/** What bytes are, by digests that are taken as they pass. */
final class Content {
  /** How stores tell what an object holds: the ETag is an MD5, the rest are S3's checksums. */
  enum Algorithm {
    MD5,
    SHA1,
    SHA256,
    CRC32,
    CRC32C,
    CRC64NVME;

    private Hash hash() {
      return switch (this) {
        case MD5 -> new Digest("MD5");
        case SHA1 -> new Digest("SHA-1");
        case SHA256 -> new Digest("SHA-256");
        case CRC32 -> new Sum(new CRC32(), Integer.BYTES);
        case CRC32C -> new Sum(new CRC32C(), Integer.BYTES);
        case CRC64NVME -> new Sum(new Crc64(), Long.BYTES);
      };
    }
  }

  /**
   * A way to digest bytes.
   *
   * @param part the bytes of a part, whose digests are then digested; 0: the whole is digested
   */
  record Measure(Algorithm algorithm, long part) {}

  private final Map<Measure, Running> running = new LinkedHashMap<>();

  Content(Collection<Measure> measures) {
    measures.forEach(measure -> running.computeIfAbsent(measure, Running::new));
  }

  /** Takes the next bytes. */
  void update(byte[] bytes) {
    running.values().forEach(each -> each.update(bytes));
  }

  /** The digest of all that has been taken, in hex digits; null: it was not measured so. */
  String digest(Measure measure) {
    Running found = running.get(measure);
    return found == null ? null : found.end();
  }

  private interface Hash {
    void update(byte[] bytes, int offset, int length);

    /** The digest; what comes next is of another. */
    byte[] end();
  }

  private record Digest(MessageDigest digest) implements Hash {
    Digest(String name) {
      this(of(name));
    }

    private static MessageDigest of(String name) {
      try {
        return MessageDigest.getInstance(name);
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException(impossible); // every JVM has them
      }
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
      digest.update(bytes, offset, length);
    }

    @Override
    public byte[] end() {
      return digest.digest();
    }
  }

  private record Sum(Checksum sum, int bytes) implements Hash {
    @Override
    public void update(byte[] data, int offset, int length) {
      sum.update(data, offset, length);
    }

    @Override
    public byte[] end() {
      byte[] all = ByteBuffer.allocate(Long.BYTES).putLong(sum.getValue()).array();
      sum.reset();
      return Arrays.copyOfRange(all, Long.BYTES - bytes, Long.BYTES);
    }
  }

  /** One measure of what has been taken so far. */
  private static final class Running {
    private final Measure measure;
    private final Hash hash;
    private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
    private long taken;
    private String digest;

    Running(Measure measure) {
      this.measure = measure;
      this.hash = measure.algorithm().hash();
    }

    void update(byte[] bytes) {
      int offset = 0;
      while (offset < bytes.length) {
        int length = bytes.length - offset;
        if (measure.part() > 0) {
          length = (int) Math.min(length, measure.part() - taken);
        }
        hash.update(bytes, offset, length);
        offset += length;
        taken += length;
        if (taken == measure.part()) {
          endPart();
        }
      }
    }

    private void endPart() {
      parts.writeBytes(hash.end());
      taken = 0;
    }

    String end() {
      if (digest == null) {
        if (measure.part() > 0) {
          if (taken > 0) {
            endPart();
          }
          hash.update(parts.toByteArray(), 0, parts.size());
        }
        digest = HexFormat.of().formatHex(hash.end());
      }
      return digest;
    }
  }

  /** CRC-64/NVME, which S3 gives to whatever is put without another checksum. */
  private static final class Crc64 implements Checksum {
    private static final long POLYNOMIAL = 0x9A6C9329AC4BC9B5L; // bits reversed
    private static final long[] TABLE = table();

    private long value = -1;

    private static long[] table() {
      long[] table = new long[256];
      for (int index = 0; index < table.length; index++) {
        long entry = index;
        for (int bit = 0; bit < Byte.SIZE; bit++) {
          entry = (entry >>> 1) ^ ((entry & 1) == 0 ? 0 : POLYNOMIAL);
        }
        table[index] = entry;
      }
      return table;
    }

    @Override
    public void update(int one) {
      value = (value >>> Byte.SIZE) ^ TABLE[(int) ((value ^ one) & 0xff)];
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
      for (int at = offset; at < offset + length; at++) {
        update(bytes[at]);
      }
    }

    @Override
    public long getValue() {
      return ~value;
    }

    @Override
    public void reset() {
      value = -1;
    }
  }
}

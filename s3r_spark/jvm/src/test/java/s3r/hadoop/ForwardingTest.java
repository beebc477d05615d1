package s3r.hadoop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.junit.jupiter.api.Test;

/** Every method of FileSystem is the router's own, or left to Hadoop for a reason. */
final class ForwardingTest {
  private static final String BUILT = "Hadoop builds it on calls that the router has";
  private static final String UNSUPPORTED = "S3A has no such thing, and Hadoop's own refuses it";
  private static final String NOTHING = "Hadoop's own does nothing, and so S3A";
  private static final String OF_NAMES = "about names and settings alone, no store is asked";
  private static final String TOKENS =
      "tokens are the stores': getAdditionalTokenIssuers names them";

  /** By name and parameters, or by name for all of that name. */
  private static final Map<String, String> LEFT = new TreeMap<>();

  private static void left(String reason, String... methods) {
    for (String method : methods) {
      LEFT.put(method, reason);
    }
  }

  static {
    left(
        BUILT,
        "getFileBlockLocations",
        "resolvePath",
        "open(Path)",
        "create(Path)",
        "create(Path,boolean)",
        "create(Path,Progressable)",
        "create(Path,short)",
        "create(Path,short,Progressable)",
        "create(Path,boolean,int)",
        "create(Path,boolean,int,Progressable)",
        "create(Path,boolean,int,short,long)",
        "create(Path,boolean,int,short,long,Progressable)",
        "create(Path,FsPermission,EnumSet,int,short,long,Progressable)",
        "create(Path,FsPermission,EnumSet,int,short,long,Progressable,ChecksumOpt)",
        "createNonRecursive(Path,boolean,int,short,long,Progressable)",
        "createNonRecursive(Path,FsPermission,boolean,int,short,long,Progressable)",
        "createNewFile",
        "primitiveCreate",
        "primitiveMkdir",
        "append(Path)",
        "append(Path,int)",
        "append(Path,boolean)",
        "append(Path,int,Progressable,boolean)",
        "appendFile",
        "getReplication",
        "delete(Path)",
        "getLength",
        "getBlockSize",
        "getQuotaUsage",
        "getUsed",
        "listStatus(Path,PathFilter)",
        "listStatus(Path[])",
        "listStatus(Path[],PathFilter)",
        "listStatusBatch",
        "getFileChecksum(Path)",
        "mkdirs(Path)",
        "copyFromLocalFile(Path,Path)",
        "copyFromLocalFile(boolean,Path,Path)",
        "copyFromLocalFile(boolean,boolean,Path[],Path)",
        "moveFromLocalFile",
        "copyToLocalFile",
        "moveToLocalFile",
        "startLocalOutput",
        "completeLocalOutput",
        "getFileLinkStatus");
    left(
        UNSUPPORTED,
        "open(PathHandle)",
        "open(PathHandle,int)",
        "openFile(PathHandle)",
        "openFileWithOptions(PathHandle,OpenFileParameters)",
        "createPathHandle",
        "concat",
        "truncate",
        "createSymlink",
        "getLinkTarget",
        "resolveLink",
        "supportsSymlinks",
        "listCorruptFileBlocks",
        "createSnapshot",
        "renameSnapshot",
        "deleteSnapshot",
        "modifyAclEntries",
        "removeAclEntries",
        "removeDefaultAcl",
        "removeAcl",
        "setAcl",
        "getAclStatus",
        "setXAttr",
        "removeXAttr",
        "satisfyStoragePolicy",
        "setStoragePolicy",
        "unsetStoragePolicy",
        "getStoragePolicy",
        "getAllStoragePolicies",
        "setQuota",
        "setQuotaByStorageType",
        "msync");
    left(
        NOTHING,
        "setPermission",
        "setOwner",
        "setTimes",
        "setReplication",
        "setVerifyChecksum",
        "setWriteChecksum");
    left(
        OF_NAMES,
        "getCanonicalUri",
        "getDefaultPort",
        "getName",
        "fixRelativePart",
        "getServerDefaults",
        "getStatus",
        "getHomeDirectory",
        "getInitialWorkingDirectory",
        "getDefaultReplication",
        "getEnclosingRoot");
    left("S3A's are of all its file systems together, which Hadoop keeps", "getStorageStatistics");
    left(TOKENS, "getDelegationToken");
    left(
        "Hadoop's shell would empty the children's trash in place of its own",
        "getChildFileSystems");
    left("the stores are Hadoop's cache's to close, since others use them", "close");
  }

  private static String signature(Method method) {
    return method.getName()
        + Arrays.stream(method.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(",", "(", ")"));
  }

  private static Set<String> declared(Class<?> type) {
    Set<String> out = new TreeSet<>();
    for (Method method : type.getDeclaredMethods()) {
      int flags = method.getModifiers();
      boolean open = Modifier.isPublic(flags) || Modifier.isProtected(flags);
      if (open && !Modifier.isStatic(flags) && !Modifier.isFinal(flags)) {
        out.add(signature(method));
      }
    }
    return out;
  }

  /** With its ancestors, up to Hadoop's own. */
  private static Set<String> ofTheRouter() {
    Set<String> out = new TreeSet<>();
    Class<?> type = RouterFileSystem.class;
    for (; type != FileSystem.class; type = type.getSuperclass()) {
      out.addAll(declared(type));
    }
    return out;
  }

  private static String nameOf(String signature) {
    return signature.substring(0, signature.indexOf('('));
  }

  @Test
  void everyMethodIsForwardedOrLeftForAReason() {
    Set<String> missing = declared(FileSystem.class);
    missing.removeAll(ofTheRouter());
    missing.removeIf(method -> LEFT.containsKey(method) || LEFT.containsKey(nameOf(method)));
    assertEquals(Set.of(), missing);
  }

  @Test
  void noReasonIsGivenForWhatIsForwardedOrGone() {
    Set<String> left = declared(FileSystem.class);
    left.removeAll(ofTheRouter());
    Set<String> names = left.stream().map(ForwardingTest::nameOf).collect(Collectors.toSet());
    Set<String> stale = new TreeSet<>(LEFT.keySet());
    stale.removeIf(method -> left.contains(method) || names.contains(method));
    assertEquals(Set.of(), stale);
  }

  /** What S3A does in a way of its own is not what Hadoop would build. */
  @Test
  void whatS3aOverridesIsForwarded() {
    Set<String> known =
        Set.of(
            "initialize(URI,Configuration)", // the stores' own
            "close()",
            "getCanonicalUri()",
            "getDefaultPort()",
            "getDelegationToken(String)",
            "getStorageStatistics()");
    Set<String> overridden = declared(FileSystem.class);
    overridden.retainAll(declared(S3AFileSystem.class));
    assertTrue(overridden.size() > 40, overridden.toString());
    overridden.removeAll(ofTheRouter());
    overridden.removeAll(known);
    assertEquals(Set.of(), overridden);
  }
}

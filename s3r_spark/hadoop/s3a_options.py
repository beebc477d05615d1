"""S3A's options by Hadoop version: one table that settings are made from and checked with.

Names, versions and defaults are those of hadoop-aws itself (`org.apache.hadoop.fs.s3a.Constants`
and its like, and `core-default.xml`); the tests compare them with the released jars.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from s3r_spark.hadoop.versions import version_tuple

__all__ = ["OPTIONS", "Option", "ignored_per_bucket", "known", "short_name"]

Kind = Literal["text", "bool", "int", "size", "duration", "class", "path", "secret"]
"""Kinds of values in Hadoop. A size may end in K, M, G; a duration in ms, s, m, h, d."""


@dataclass(frozen=True)
class Option:
    """One option of S3A.

    Attributes:
        name: the key without its `fs.s3a.`; `*` at the end stands for any rest.
        kind: how Hadoop reads the value.
        meaning: what it does, in a few words.
        default: what Hadoop 3.5.0 takes where nothing is said; None where that is nothing.
        since: the first release that reads it; "3.3.0" stands for all that this table covers.
        until: the first release that reads it no longer, or None.
    """

    name: str
    kind: Kind
    meaning: str
    default: str | None = None
    since: str = "3.3.0"
    until: str | None = None


# fmt: off
OPTIONS: tuple[Option, ...] = (
    # where the service is
    Option("endpoint", "text", "host or URL of the service; nothing means AWS"),
    Option("endpoint.region", "text", "region that requests are signed for", since="3.3.2"),
    Option("endpoint.fips", "bool", "use the FIPS endpoint of the region", "false", "3.4.0"),
    Option("path.style.access", "bool", "bucket in the path, not in the host name", "false"),
    Option("connection.ssl.enabled", "bool", "https where the endpoint names no scheme", "true"),
    Option("cross.region.access.enabled", "bool", "follow a bucket to its region", "true", "3.4.2"),
    Option("accesspoint.arn", "text", "access point that stands for the bucket", since="3.3.2"),
    Option("accesspoint.required", "bool", "refuse buckets without access point", "false", "3.3.2"),
    Option("s3express.create.session", "bool", "S3 Express logs in by CreateSession", "true",
           "3.4.0"),
    Option("bucket.probe", "int", "look for the bucket at start: 0 no, 1 or 2 yes", "0"),
    Option("requester.pays.enabled", "bool", "agree to pay for requests", "false", "3.3.5"),

    # credentials
    Option("aws.credentials.provider", "class", "providers of credentials, asked in this order",
           "org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider,"
           " org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider,"
           " software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider,"
           " org.apache.hadoop.fs.s3a.auth.IAMInstanceCredentialsProvider"),
    Option("aws.credentials.provider.mapping", "text", "old=new names of providers", None, "3.4.0"),
    Option("access.key", "secret", "access key"),
    Option("secret.key", "secret", "secret key"),
    Option("session.token", "secret", "token of temporary keys"),
    Option("security.credential.provider.path", "path", "credential stores that hold the secrets"),
    Option("auth.profile.name", "text", "profile in the AWS credentials file", None, "3.4.2"),
    Option("auth.profile.file", "path", "AWS credentials file", None, "3.4.2"),
    Option("assumed.role.arn", "text", "role to assume"),
    Option("assumed.role.external.id", "text", "external ID the role asks for", None, "3.4.1"),
    Option("assumed.role.session.name", "text", "name of the role's sessions"),
    Option("assumed.role.session.duration", "duration", "how long a session lasts", "30m"),
    Option("assumed.role.policy", "text", "JSON policy that narrows the role"),
    Option("assumed.role.sts.endpoint", "text", "host of the token service"),
    Option("assumed.role.sts.endpoint.region", "text", "region of the token service"),
    Option("assumed.role.credentials.provider", "class", "providers that may assume the role",
           "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"),
    Option("access.grants.enabled", "bool", "ask S3 Access Grants", "false", "3.5.0"),
    Option("access.grants.fallback.to.iam", "bool", "own role where no grant is", "false", "3.5.0"),
    Option("delegation.token.binding", "class", "delegation tokens"),

    # signing and headers
    Option("signing-algorithm", "text", "signer for every service"),
    Option("s3.signing-algorithm", "text", "signer for S3"),
    Option("sts.signing-algorithm", "text", "signer for the token service"),
    Option("custom.signers", "text", "signers by name: NAME:class[:initializer], …"),
    Option("http.signer.enabled", "bool", "sign by http.signer.class", "false", "3.4.0"),
    Option("http.signer.class", "class", "signer of the HTTP layer", None, "3.4.0"),
    Option("user.agent.prefix", "text", "words before the SDK's own User-Agent"),
    Option("client.s3.custom.headers", "text", "headers for every S3 request", None, "3.5.0"),
    Option("client.sts.custom.headers", "text", "headers for token requests", None, "3.5.0"),

    # what third-party services may not know
    Option("checksum.generation", "bool", "send SDK checksums with every upload", "false", "3.4.3"),
    Option("checksum.validation", "bool", "check SDK checksums of downloads", "false", "3.4.0"),
    Option("create.checksum.algorithm", "text", "algorithm of upload checksums", None, "3.4.2"),
    Option("request.md5.header", "bool", "send Content-MD5", "true", "3.4.3"),
    Option("create.conditional.enabled", "bool", "If-None-Match where a file is created", "true",
           "3.4.2"),
    Option("change.detection.mode", "text", "file changed while read: server, client, warn, none",
           "server"),
    Option("change.detection.source", "text", "what tells versions apart: etag or versionid",
           "etag"),
    Option("change.detection.version.required", "bool", "fail where there is no such mark", "true"),
    Option("multiobjectdelete.enable", "bool", "delete many objects by one request", "true"),
    Option("bulk.delete.page.size", "int", "objects in such a request", "250"),
    Option("list.version", "int", "ListObjects 1 or 2", "2"),
    Option("paging.maximum", "int", "names in a page of a listing", "5000"),
    Option("multipart.uploads.enabled", "bool", "multipart uploads and copies", "true", "3.3.6"),
    Option("connection.expect.continue", "bool", "Expect: 100-continue on PUT", "true", "3.4.2"),
    Option("etag.checksum.enabled", "bool", "show ETags as file checksums", "false"),

    # retries and timeouts
    Option("attempts.maximum", "int", "tries of the SDK for one request", "5"),
    Option("retry.limit", "int", "retries of S3A around the SDK's", "7"),
    Option("retry.interval", "duration", "first pause between them, growing", "500ms"),
    Option("retry.throttle.limit", "int", "retries of a throttled request", "20"),
    Option("retry.throttle.interval", "duration", "first pause when throttled", "100ms"),
    Option("retry.http.5xx.errors", "bool", "retry all HTTP 5xx", "true", "3.4.1"),
    Option("experimental.aws.s3.throttling", "bool", "let the SDK retry throttling", "true",
           until="3.4.0"),
    Option("connection.establish.timeout", "duration", "TCP and TLS handshake", "30s"),
    Option("connection.timeout", "duration", "silence on an open connection", "200s"),
    Option("connection.request.timeout", "duration", "one request, COPY included", "60s"),
    Option("connection.acquisition.timeout", "duration", "wait for the pool", "60s", "3.4.0"),
    Option("connection.part.upload.timeout", "duration", "upload of one part", "15m", "3.4.1"),
    Option("connection.idle.time", "duration", "life of an idle connection", "60s", "3.4.0"),
    Option("connection.ttl", "duration", "life of any connection", "5m", "3.4.0"),
    Option("connection.keepalive", "bool", "TCP keep-alive", "false", "3.4.0"),

    # pools and buffers
    Option("connection.maximum", "int", "connections of one bucket", "500"),
    Option("threads.max", "int", "threads of one bucket", "96"),
    Option("threads.keepalivetime", "duration", "life of an idle thread", "60s"),
    Option("max.total.tasks", "int", "tasks that wait for a thread", "32"),
    Option("executor.capacity", "int", "tasks of one caller at a time", "16"),
    Option("io.rate.limit", "int", "requests a second; 0 is no limit", "0", "3.4.1"),
    Option("socket.send.buffer", "int", "send buffer in bytes", "8192", until="3.4.0"),
    Option("socket.recv.buffer", "int", "receive buffer in bytes", "8192", until="3.4.0"),
    Option("buffer.dir", "path", "local folders for blocks that wait to be uploaded",
           "${env.LOCAL_DIRS:-${hadoop.tmp.dir}}/s3a"),

    # writing
    Option("block.size", "size", "block size that files claim to have", "32M"),
    Option("multipart.size", "size", "size of a part", "64M"),
    Option("multipart.threshold", "size", "file size from which copies go in parts", "128M"),
    Option("multipart.purge", "bool", "abort old uploads at start", "false"),
    Option("multipart.purge.age", "duration", "age from which an upload is old", "24h"),
    Option("fast.upload", "bool", "once a choice; only a warning where it is false", "true"),
    Option("fast.upload.buffer", "text", "where blocks wait: disk, array, bytebuffer", "disk"),
    Option("fast.upload.active.blocks", "int", "blocks in flight of one file", "4"),
    Option("acl.default", "text", "canned ACL of new objects"),
    Option("create.storage.class", "text", "storage class of new objects", None, "3.3.5"),
    Option("object.content.encoding", "text", "Content-Encoding of new objects", None, "3.3.5"),
    Option("create.performance", "bool", "create without looking first", "false", "3.3.5"),
    Option("performance.flags", "text", "create, delete, mkdir, open, *", None, "3.4.1"),
    Option("optimized.copy.from.local.enabled", "bool", "parallel local copy", "true", "3.4.0"),
    Option("downgrade.syncable.exceptions", "bool", "hflush warns, not fails", "true", "3.3.1"),
    Option("directory.marker.retention", "text", "keep or delete folder markers", "keep", "3.3.1",
           "3.5.0"),
    Option("directory.operations.purge.uploads", "bool", "folder deletes abort uploads", "false",
           "3.4.0"),

    # reading
    Option("input.stream.type", "text", "analytics, classic, prefetch, custom", "analytics",
           "3.4.2"),
    Option("input.stream.custom.factory", "class", "stream of type custom", None, "3.4.2"),
    Option("analytics.accelerator.*", "text", "options of the analytics stream", None, "3.4.2"),
    Option("experimental.input.fadvise", "text", "normal, sequential, random, …", "default"),
    Option("input.async.drain.threshold", "size", "rest drained aside", "16000", "3.3.5"),
    Option("readahead.range", "size", "bytes read ahead on a seek", "64K"),
    Option("prefetch.enabled", "bool", "prefetching stream", "false", "3.3.6"),
    Option("prefetch.block.size", "size", "block that is fetched ahead", "8M", "3.3.6"),
    Option("prefetch.block.count", "int", "blocks fetched ahead", "8", "3.3.6"),
    Option("prefetch.max.blocks.count", "int", "blocks kept on disk", "4", "3.4.0"),
    Option("vectored.read.min.seek.size", "size", "gap that ranges merge over", "128K", "3.3.5"),
    Option("vectored.read.max.merged.size", "size", "largest merged range", "2M", "3.3.5"),
    Option("vectored.active.ranged.reads", "int", "ranges in flight", "4", "3.3.5"),

    # encryption
    Option("encryption.algorithm", "text", "SSE-S3, SSE-KMS, SSE-C, CSE-KMS, …", since="3.3.2"),
    Option("encryption.key", "secret", "KMS key, or the key itself with SSE-C", since="3.3.2"),
    Option("encryption.context", "text", "context of SSE-KMS, k=v, …", None, "3.5.0"),
    Option("encryption.cse.kms.region", "text", "region of the KMS key", None, "3.4.2"),
    Option("encryption.cse.custom.keyring.class.name", "class", "keyring of CSE-CUSTOM", None,
           "3.4.2"),
    Option("encryption.cse.v1.compatibility.enabled", "bool", "read old CSE objects", "false",
           "3.4.2"),
    Option("server-side-encryption-algorithm", "text", "older name of encryption.algorithm"),
    Option("server-side-encryption.key", "secret", "older name of encryption.key"),
    Option("ssl.channel.mode", "text", "TLS by Java or OpenSSL", "default_jsse"),

    # proxy
    Option("proxy.host", "text", "host of the proxy"),
    Option("proxy.port", "int", "port of the proxy"),
    Option("proxy.ssl.enabled", "bool", "https to the proxy itself", "false", "3.3.5"),
    Option("proxy.username", "text", "user of the proxy"),
    Option("proxy.password", "secret", "password of the proxy"),
    Option("proxy.domain", "text", "NTLM domain"),
    Option("proxy.workstation", "text", "NTLM workstation"),

    # auditing and plumbing
    Option("audit.enabled", "bool", "audit spans", "true", "3.3.2"),
    Option("audit.referrer.enabled", "bool", "who and why in the Referer header", "true", "3.3.2"),
    Option("audit.referrer.filter", "text", "fields left out of it", None, "3.3.2"),
    Option("audit.reject.out.of.span.operations", "bool", "refuse without span", "false", "3.3.2"),
    Option("audit.service.classname", "class", "auditor", None, "3.3.2"),
    Option("audit.request.handlers", "class", "handlers for SDK v1", None, "3.3.2"),
    Option("audit.execution.interceptors", "class", "interceptors for SDK v2", None, "3.4.0"),
    Option("s3.client.factory.impl", "class", "factory of SDK clients"),
    Option("classloader.isolation", "bool", "load classes where S3A comes from", "true", "3.4.0"),

    # committers: a job's matter, but for the file system's part in the magic one
    Option("committer.magic.enabled", "bool", "the bucket may be written magically", "true"),
    Option("committer.name", "text", "file, directory, partitioned, magic", "file"),
    Option("committer.threads", "int", "threads of a commit", "8"),
    Option("committer.abort.pending.uploads", "bool", "abort what others left", "true", "3.3.1"),
    Option("committer.magic.track.commits.in.memory.enabled", "bool", "no .pending files", "false",
           "3.4.1"),
    Option("committer.magic.cleanup.enabled", "bool", "remove __magic folders", "true", "3.4.2"),
    Option("committer.staging.conflict-mode", "text", "fail, append, replace", "append"),
    Option("committer.staging.tmp.path", "path", "cluster folder of staging", "tmp/staging"),
    Option("committer.staging.unique-filenames", "bool", "job ID in file names", "true"),
    Option("committer.uuid", "text", "ID of the job", None, "3.3.1"),
    Option("committer.require.uuid", "bool", "fail without ID", "false", "3.3.1"),
    Option("committer.generate.uuid", "bool", "make an ID up", "false", "3.3.1"),
    Option("committer.summary.report.directory", "path", "folder of reports", None, "3.3.5"),

    # read before any bucket's own options are
    Option("impl", "class", "class of the file system", "org.apache.hadoop.fs.s3a.S3AFileSystem"),
    Option("impl.disable.cache", "bool", "a new file system for every call", "false"),
)
# fmt: on

_REASONS = (
    ("impl", "Hadoop picks a file system by scheme, and S3A skips it for a bucket"),
    ("impl.disable.cache", "Hadoop reads it before it knows the bucket"),
    ("bucket.*", "S3A skips names that begin with bucket."),
    ("ssl.channel.mode", "one socket factory serves the whole JVM: the first bucket decides"),
    (
        "committer.magic.track.commits.in.memory.enabled",
        "the job's committer would not see what the bucket keeps in memory, and lose it",
    ),
    ("committer.magic.enabled", None),
    ("committer.*", "a committer reads the configuration of the job, not of the bucket"),
)


def short_name(name: str) -> str:
    """A key without its `fs.s3a.` if it has one."""
    return name.removeprefix("fs.s3a.")


def known(name: str, version: str) -> Option | None:
    """Find what a Hadoop version takes an option for, or None where it would not read it.

    Args:
        name: with or without `fs.s3a.`.
        version: any Hadoop version; a release between two lines counts as what it is.

    Raises:
        SetupError: as `version_tuple` does.
    """
    numbers = version_tuple(version)
    for option in OPTIONS:
        if fnmatchcase(short_name(name), option.name):
            born = version_tuple(option.since) <= numbers
            gone = option.until is not None and version_tuple(option.until) <= numbers
            return option if born and not gone else None
    return None


def ignored_per_bucket(name: str) -> str | None:
    """The reason why an option must not be set for one bucket, or None where it may.

    Rules of `S3AUtils.propagateBucketOptions`, and of who reads an option from where.

    Args:
        name: with or without `fs.s3a.`, without the bucket.
    """
    for pattern, reason in _REASONS:
        if fnmatchcase(short_name(name), pattern):
            return reason
    return None

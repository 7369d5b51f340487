package generate

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxLocations limits the work. A policy that AWS stores has far fewer.
const maxLocations = 1000

// PermissionPolicy returns the identity policy that allows exactly the need,
// indented. A list request must send a prefix inside a declared one
// ("reports/" or "reports/2024"); listing the bucket's root is denied. The
// policy doesn't grant s3:GetBucketLocation, because every response has the
// bucket's Region in the x-amz-bucket-region header.
func PermissionPolicy(need Need) ([]byte, error) {
	statements, err := need.statements(nil)
	if err != nil {
		return nil, err
	}
	return newDocument(statements...).pretty()
}

// statements returns the statements for the need. holder is nil in an identity
// policy, and the principal in a resource policy.
func (n Need) statements(holder *principals) ([]statement, error) {
	n, err := n.Normalize()
	if err != nil {
		return nil, err
	}
	var out []statement
	if n.Access.reads() {
		out = append(out, n.list()...)
		out = append(out, statement{Sid: "ReadObjects", Action: n.readActions(), Resource: n.objects()})
	}
	if n.Access.writes() {
		out = append(out, statement{Sid: "WriteObjects", Action: writeActions(), Resource: n.objects()})
	}
	out = append(out, n.keys()...)
	out = append(out, queues(n.Queues, n.Partition)...)
	for i := range out {
		out[i].Effect, out[i].Principal = "Allow", holder
	}
	return out, nil
}

func (n Need) readActions() values {
	if n.Versions {
		return values{"s3:GetObject", "s3:GetObjectVersion"}
	}
	return values{"s3:GetObject"}
}

func (n Need) listActions() values {
	if n.Versions {
		return values{"s3:ListBucket", "s3:ListBucketVersions"}
	}
	return values{"s3:ListBucket"}
}

// writeActions returns the actions of an uploader. It also deletes objects
// that it replaces under another name, and aborts incomplete multipart
// uploads.
func writeActions() values {
	return values{"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"}
}

// list returns the statements that allow listing. Buckets with the same
// prefixes share a statement, because a condition applies to all resources of
// its statement.
func (n Need) list() []statement {
	buckets := map[string][]string{} // prefixes, joined by a byte that no prefix has → buckets
	for bucket, prefixes := range n.prefixes() {
		group := strings.Join(prefixes, "\x00")
		buckets[group] = append(buckets[group], bucket)
	}
	var out []statement
	for _, group := range slices.Sorted(maps.Keys(buckets)) {
		s := statement{Action: n.listActions()}
		for _, bucket := range slices.Sorted(slices.Values(buckets[group])) {
			s.Resource = append(s.Resource, n.arn(bucket))
		}
		if group != "" {
			s.Condition = conditions{"StringLike": {"s3:prefix": patterns(strings.Split(group, "\x00"))}}
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b statement) int { return cmp.Compare(a.Resource[0], b.Resource[0]) })
	for i := range out {
		out[i].Sid = "ListLocations"
		if len(out) > 1 {
			out[i].Sid += fmt.Sprint(i + 1)
		}
	}
	return out
}

// patterns returns the values of s3:prefix. "reports/*" also matches
// "reports/" itself.
func patterns(prefixes []string) values {
	out := make(values, len(prefixes))
	for i, prefix := range prefixes {
		out[i] = literal(prefix) + "*"
	}
	return out
}

// prefixes returns each bucket's prefixes. A single empty prefix is the whole
// bucket.
func (n Need) prefixes() map[string][]string {
	out := map[string][]string{}
	for _, l := range n.Locations {
		out[l.Bucket] = append(out[l.Bucket], l.Prefix)
	}
	return out
}

func (n Need) objects() values {
	out := make(values, len(n.Locations))
	for i, l := range n.Locations {
		out[i] = n.arn(l.Bucket) + "/" + literal(l.Prefix) + "*"
	}
	return out
}

func (n Need) arn(bucket string) string {
	return "arn:" + string(n.Partition) + ":s3:::" + bucket
}

// keys returns the statements that allow the use of KMS keys through S3 in the
// key's Region. A writer needs kms:Decrypt too, because a multipart upload
// decrypts the data keys of its parts.
func (n Need) keys() []statement {
	byRegion := map[string]values{}
	for _, arn := range n.KMSKeyARNs {
		region := kmsKeyARN.FindStringSubmatch(arn)[2]
		byRegion[region] = append(byRegion[region], arn)
	}
	actions := values{"kms:Decrypt"}
	if n.Access.writes() {
		actions = append(actions, "kms:GenerateDataKey")
	}
	var out []statement
	for i, region := range slices.Sorted(maps.Keys(byRegion)) {
		sid := "UseKeys"
		if len(byRegion) > 1 {
			sid += fmt.Sprint(i + 1)
		}
		service := "s3." + region + "." + n.Partition.DNSSuffix()
		out = append(out, statement{
			Sid: sid, Action: actions, Resource: byRegion[region],
			Condition: conditions{"StringEquals": {"kms:ViaService": {service}}},
		})
	}
	return out
}

// Normalize validates the need and returns it in normal form: locations and
// keys are sorted, without duplicates and locations inside another. The error
// is an [*InputError].
func (n Need) Normalize() (Need, error) {
	var err error
	if n.Partition, err = n.Partition.Normalize(); err != nil {
		return Need{}, err
	}
	if !n.Access.reads() && !n.Access.writes() {
		return Need{}, invalid("access", string(n.Access), "access must be read, write or readwrite")
	}
	if n.Versions && !n.Access.reads() {
		return Need{}, invalid("versions", "true", "listing and reading old versions needs read or readwrite access")
	}
	if len(n.Locations) == 0 || len(n.Locations) > maxLocations {
		return Need{}, invalid("locations", fmt.Sprint(len(n.Locations)), "specify 1 to %d locations", maxLocations)
	}
	for i, l := range n.Locations {
		if err := l.Check(); err != nil {
			var input *InputError
			if errors.As(err, &input) {
				input.Field = fmt.Sprintf("locations[%d].%s", i, input.Field)
			}
			return Need{}, err
		}
	}
	for i, arn := range n.KMSKeyARNs {
		if err := checkKey(fmt.Sprintf("kms_key_arns[%d]", i), arn, n.Partition); err != nil {
			return Need{}, err
		}
	}
	for i, queue := range n.Queues {
		if err := queue.check(fmt.Sprintf("queues[%d]", i), n.Partition); err != nil {
			return Need{}, err
		}
	}
	n.Locations, n.Queues = outermost(n.Locations), sortedQueues(n.Queues)
	n.KMSKeyARNs = slices.Compact(slices.Sorted(slices.Values(n.KMSKeyARNs)))
	return n, nil
}

func checkKey(field, arn string, partition Partition) error {
	match := kmsKeyARN.FindStringSubmatch(arn)
	switch {
	case match == nil && strings.Contains(arn, ":alias/"):
		return invalid(field, arn,
			"a policy needs the key's ID, not an alias: use arn:%s:kms:REGION:ACCOUNT:key/ID", partition)
	case match == nil:
		return invalid(field, arn, "use the ARN of one key: arn:%s:kms:REGION:ACCOUNT:key/ID", partition)
	case match[1] != string(partition):
		return invalid(field, arn, "the key is in partition %s and the locations are in %s", match[1], partition)
	}
	return nil
}

// outermost returns the locations sorted, without those inside another.
func outermost(locations []Location) []Location {
	sorted := slices.SortedFunc(slices.Values(locations), func(a, b Location) int {
		return cmp.Or(cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(a.Prefix, b.Prefix))
	})
	var out []Location
	for _, l := range sorted {
		if len(out) > 0 {
			last := out[len(out)-1]
			if last.Bucket == l.Bucket && strings.HasPrefix(l.Prefix, last.Prefix) {
				continue
			}
		}
		out = append(out, l)
	}
	return out
}

package generate

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

var queueARN = regexp.MustCompile(
	`^arn:(aws|aws-cn|aws-us-gov):sqs:([a-z]{2}(?:-[a-z]+)+-[0-9]):[0-9]{12}:[A-Za-z0-9_-]{1,80}$`,
)

// Check validates the queue: it and its key must be in the partition. The error is
// an [*InputError].
func (q Queue) Check(partition Partition) error { return q.check("queue", partition) }

func (q Queue) check(field string, partition Partition) error {
	match := queueARN.FindStringSubmatch(q.ARN)
	switch {
	case match == nil:
		return invalid(field+".arn", q.ARN, "use the ARN of one standard queue: arn:%s:sqs:REGION:ACCOUNT:NAME", partition)
	case match[1] != string(partition):
		return invalid(field+".arn", q.ARN, "the queue is in partition %s and the locations are in %s", match[1],
			partition)
	case q.KMSKeyARN != "":
		return checkKey(field+".kms_key_arn", q.KMSKeyARN, partition)
	}
	return nil
}

// QueueActions returns the only actions that a reader of a queue needs. Batch
// calls need no action of their own, and the queue's URL follows from its ARN.
func QueueActions() []string {
	return []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"}
}

// queues returns the statements that allow reading queues: one for all queues, and
// one for their keys in each Region.
func queues(list []Queue, partition Partition) []statement {
	if len(list) == 0 {
		return nil
	}
	read := statement{Sid: "ReadQueue", Action: QueueActions()}
	keys := map[string]values{}
	for _, q := range list {
		read.Resource = append(read.Resource, q.ARN)
		if q.KMSKeyARN != "" {
			region := kmsKeyARN.FindStringSubmatch(q.KMSKeyARN)[2]
			keys[region] = append(keys[region], q.KMSKeyARN)
		}
	}
	read.Resource = slices.Compact(slices.Sorted(slices.Values(read.Resource)))
	out := []statement{read}
	for i, region := range slices.Sorted(maps.Keys(keys)) {
		sid := "UseQueueKey"
		if len(keys) > 1 {
			sid += fmt.Sprint(i + 1)
		}
		out = append(out, statement{
			Sid: sid, Action: values{"kms:Decrypt"},
			Resource: slices.Compact(slices.Sorted(slices.Values(keys[region]))),
			Condition: conditions{"StringEquals": {
				"kms:ViaService": {"sqs." + region + "." + partition.DNSSuffix()},
			}},
		})
	}
	return out
}

// sortedQueues returns queues sorted, without duplicates.
func sortedQueues(list []Queue) []Queue {
	return slices.Compact(slices.SortedFunc(slices.Values(list), func(a, b Queue) int {
		return cmp.Or(cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.KMSKeyARN, b.KMSKeyARN))
	}))
}

// QueueSessionPolicy returns the session policy that restricts a role to reading one
// queue.
func QueueSessionPolicy(partition Partition, queue Queue) (string, error) {
	partition, err := partition.Normalize()
	if err != nil {
		return "", err
	}
	if err := queue.Check(partition); err != nil {
		return "", err
	}
	statements := queues([]Queue{queue}, partition)
	for i := range statements {
		statements[i].Effect = "Allow"
	}
	return narrow(statements, Need{})
}

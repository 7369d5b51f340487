package arrival

import (
	"context"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
	"github.com/windlass-io/windlass/internal/source"
)

// CheckCode names a check of a queue. Codes are stable.
type CheckCode string

// The checks, in the order in which they run.
const (
	CheckQueue        CheckCode = "queue"
	CheckSender       CheckCode = "queue-sender"
	CheckKey          CheckCode = "queue-key"
	CheckReceive      CheckCode = "queue-receive"
	CheckDelete       CheckCode = "queue-delete"
	CheckExtend       CheckCode = "queue-extend"
	CheckRedrive      CheckCode = "queue-redrive"
	CheckNotification CheckCode = "notification"
	CheckFilter       CheckCode = "notification-filter"
)

// Status is the result of a check.
type Status string

// The statuses.
const (
	Pass Status = "pass"
	Fail Status = "fail"
	Warn Status = "warn" // it works, but needs attention
	Skip Status = "skip" // not run, because an earlier check failed
)

// Cause is the reason for a failure or warning of a check, for programs.
type Cause string

// The causes.
const (
	QueueMissing            Cause = "queue-missing"
	QueueOtherRegion        Cause = "queue-other-region"
	QueueFIFO               Cause = "queue-fifo"
	QueuePermission         Cause = "queue-permission"
	QueuePolicy             Cause = "queue-policy"
	QueueSender             Cause = "queue-sender"
	QueueKMSDefault         Cause = "queue-kms-default"
	QueueKMSKey             Cause = "queue-kms-key"
	QueueKMSState           Cause = "queue-kms-state"
	QueueUnreachable        Cause = "queue-unreachable"
	QueueShared             Cause = "queue-shared"
	NotificationMissing     Cause = "notification-missing"
	NotificationOverwritten Cause = "notification-overwritten"
	NotificationPrefix      Cause = "notification-prefix"
	NotificationSuffix      Cause = "notification-suffix"
	NotificationEvents      Cause = "notification-events"
	SNSUnconfirmed          Cause = "sns-unconfirmed"
	EventBridgeInput        Cause = "eventbridge-input"
)

// Check is the result of one check.
type Check struct {
	Code   CheckCode
	Status Status
	Detail string // the result in a sentence
	Cause  Cause  // of a fail or a warn, if it is known
	Fix    string // what to do
}

// Verification is the result of all checks.
type Verification struct {
	SourceID string
	Queue    string
	Passed   bool // no check failed
	Checks   []Check
	At       time.Time
}

// Verify checks the queue of a source with the role that reads it. Messages that the
// check receives are recorded as the consumer records them.
func (s *Service) Verify(
	ctx context.Context, actor access.Actor, workspace, idOrName string,
) (Verification, error) {
	src, found, err := s.setting(ctx, actor, access.SourceUpdate, workspace, idOrName)
	if err != nil {
		return Verification{}, err
	}
	role, err := s.config.Integrations.QueueRole(ctx, actor, workspace, src.IntegrationID)
	if err != nil {
		return Verification{}, err
	}
	v := verifier{service: s, setting: &found, source: &src, role: role}
	if err := v.run(ctx); err != nil {
		return Verification{}, err
	}
	out := Verification{SourceID: src.ID, Queue: found.Queue, Passed: true, Checks: v.checks, At: s.config.Now()}
	for _, check := range v.checks {
		out.Passed = out.Passed && check.Status != Fail
	}
	return out, nil
}

// verifier runs the checks of one queue.
type verifier struct {
	service *Service
	setting *Setting
	source  *source.Source
	role    aws.Events
	queue   Queue
	isEmpty bool // the queue has no messages
	checks  []Check
}

func (v *verifier) add(code CheckCode, status Status, cause Cause, detail, fix string) {
	v.checks = append(v.checks, Check{code, status, detail, cause, fix})
}

func (v *verifier) run(ctx context.Context) error {
	var err error
	if v.queue, err = v.service.openQueue(ctx, v.setting, true); err != nil {
		return err
	}
	attributes, err := v.queue.Attributes(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		v.refused(CheckQueue, "The queue can't be looked up", err)
		for _, code := range []CheckCode{
			CheckSender, CheckKey, CheckReceive, CheckDelete, CheckExtend, CheckRedrive,
		} {
			v.add(code, Skip, "", "The queue can't be looked up.", "")
		}
	} else {
		v.isEmpty = attributes["ApproximateNumberOfMessages"] == "0"
		v.checkQueue(attributes)
		v.checkSender(attributes)
		v.checkKey(attributes)
		if err := v.checkReceive(ctx); err != nil {
			return err
		}
		v.checkHandles(ctx)
		v.checkRedrive(attributes)
	}
	return v.checkSeen(ctx)
}

const setupHint = "Run windlass source events setup, and apply what it prints."

// refused adds a check that a call to SQS failed.
func (v *verifier) refused(code CheckCode, what string, err error) {
	f := object.FailureOf(err)
	if f == nil {
		fault := problem.From(err)
		v.add(code, Fail, QueuePermission, what+": "+fault.Message, fault.Hint)
		return
	}
	detail := what + ": " + f.Operation + " returned " + f.Code + "."
	same := v.account() == "" || v.account() == accountOf(v.setting.Queue)
	switch {
	case f.Code == "":
		v.add(code, Fail, QueueUnreachable, what+": SQS didn't respond.", "Try again in a minute.")
	case strings.HasPrefix(f.Code, "KMS.AccessDenied"):
		v.add(code, Fail, QueueKMSKey, detail, "Set the queue's key with --kms-key, paste the integration's permission policy, "+
			"and allow the role to call kms:Decrypt in the key policy.")
	case strings.HasPrefix(f.Code, "KMS."):
		v.add(code, Fail, QueueKMSState, detail, "Enable the queue's key, or replace it.")
	case !same:
		v.add(code, Fail, QueuePolicy, detail, "The queue is in another account than the role, so its policy must allow the "+
			"role. "+setupHint)
	case isMissing(f):
		v.add(code, Fail, QueueMissing, detail, "Check the queue's name and region. "+setupHint)
	default:
		v.add(code, Fail, QueuePermission, detail, "The role's permission policy must have ReadQueue. "+setupHint)
	}
}

func isMissing(f *object.Failure) bool {
	return strings.HasSuffix(f.Code, "NonExistentQueue") || strings.HasSuffix(f.Code, "QueueDoesNotExist")
}

func (v *verifier) account() string { return v.role.Account }

func accountOf(arn string) string { return strings.Split(arn, ":")[4] }
func regionOf(arn string) string  { return strings.Split(arn, ":")[3] }

func (v *verifier) checkQueue(attributes map[string]string) {
	region := regionOf(v.setting.Queue)
	switch {
	case attributes["FifoQueue"] == "true":
		v.add(CheckQueue, Fail, QueueFIFO, "The queue is a FIFO queue, to which S3 can't send events.",
			"Use a standard queue.")
	case v.setting.Route != Topic && v.role.BucketRegion != "" && v.role.BucketRegion != region:
		v.add(CheckQueue, Fail, QueueOtherRegion, "The bucket is in "+v.role.BucketRegion+" and the queue in "+region+
			".",
			"Use a queue of the bucket's region, or the route sns.")
	default:
		v.add(CheckQueue, Pass, "", "The queue exists, and the role can look it up.", "")
	}
}

// checkKey checks how the queue is encrypted.
func (v *verifier) checkKey(attributes map[string]string) {
	key := attributes["KmsMasterKeyId"]
	switch {
	case key == "":
		v.add(CheckKey, Pass, "", "The queue is encrypted by SQS or not encrypted.", "")
	case key == "alias/aws/sqs":
		v.add(CheckKey, Fail, QueueKMSDefault, "The queue is encrypted with alias/aws/sqs, which S3, SNS and EventBridge "+
			"can't use.", "Encrypt it with SSE-SQS, or with a key of your own.")
	case v.setting.KMSKeyARN == "":
		v.add(CheckKey, Fail, QueueKMSKey, "The queue is encrypted with "+key+", which the setting doesn't name.",
			"Run windlass source events set with --kms-key, and paste the integration's permission policy.")
	case !strings.HasSuffix(v.setting.KMSKeyARN, key):
		v.add(CheckKey, Warn, QueueKMSKey, "The queue is encrypted with "+key+", and the setting names "+
			v.setting.KMSKeyARN+".", "Check that it is the same key.")
	default:
		v.add(CheckKey, Pass, "", "The queue is encrypted with the key that the setting names.", "")
	}
}

// checkReceive receives once, as the consumer does.
func (v *verifier) checkReceive(ctx context.Context) error {
	all, err := v.service.config.Store.AllEvents(ctx)
	if err != nil {
		return err
	}
	r := &receivers{first: *v.setting}
	for i := range all { // what is received is for all sources of the queue
		if receiversName(&all[i]) != receiversName(v.setting) {
			continue
		}
		if listener, ok := v.service.listenerOf(ctx, &all[i]); ok {
			r.targets = append(r.targets, listener)
		}
	}
	if err := v.service.receiveOnce(ctx, r, v.queue); err != nil {
		v.refused(CheckReceive, "Messages can't be received", err)
		return nil
	}
	v.add(CheckReceive, Pass, "", "The role can receive messages.", "")
	return nil
}

// checkHandles deletes and extends a message that doesn't exist. AWS decides access
// before it reads the receipt handle.
func (v *verifier) checkHandles(ctx context.Context) {
	none := []Message{{ID: "none", Handle: "windlass-made-this-up"}}
	for _, call := range []struct {
		code CheckCode
		do   func() error
		can  string
	}{
		{CheckDelete, func() error { return v.queue.Delete(ctx, none) }, "delete messages"},
		{CheckExtend, func() error { return v.queue.Hide(ctx, none, hideFor) }, "extend the visibility of messages"},
	} {
		err := call.do()
		if f := object.FailureOf(err); err == nil || f != nil && strings.Contains(f.Code, "ReceiptHandle") {
			v.add(call.code, Pass, "", "The role can "+call.can+".", "")
			continue
		}
		v.refused(call.code, "The role can't "+call.can, err)
	}
}

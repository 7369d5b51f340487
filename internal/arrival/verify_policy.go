package arrival

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// checkSender evaluates the queue's policy for its sender.
func (v *verifier) checkSender(attributes map[string]string) {
	document := attributes["Policy"]
	service, sender := "s3.amazonaws.com", v.bucketARN()
	switch v.setting.Route {
	case Topic:
		service, sender = "sns.amazonaws.com", v.setting.SenderARN
	case EventBridge:
		service, sender = "events.amazonaws.com", v.setting.SenderARN
	case Direct:
	}
	if document == "" {
		v.add(CheckSender, Fail, QueueSender, "The queue has no policy, so "+service+" can't send to it.", setupHint)
		return
	}
	parsed, err := iam.Parse(iam.Resource, []byte(document))
	var policy *iam.Compiled
	if err == nil {
		policy, err = iam.Compile(parsed)
	}
	if err != nil {
		v.add(CheckSender, Warn, QueueSender, "The queue's policy can't be evaluated: "+err.Error()+".", setupHint)
		return
	}
	if sender == "" {
		v.add(CheckSender, Warn, "", "The policy can't be decided, because the setting doesn't name the topic or the rule.",
			"Run windlass source events set with --sender.")
		return
	}
	request := &iam.Request{
		Principal: iam.Principal{Type: iam.Service, Service: service}, Action: "sqs:SendMessage",
		Resource: v.setting.Queue, ResourceAccount: accountOf(v.setting.Queue),
	}
	request.Context.Set("aws:SourceArn", sender)
	request.Context.Set("aws:SecureTransport", "true")
	if account := v.senderAccount(sender); account != "" {
		request.Context.Set("aws:SourceAccount", account)
	}
	request.AddGlobalKeys()
	switch iam.Evaluate(&iam.Policies{Resource: policy}, request).Effect {
	case iam.Allow:
		v.add(CheckSender, Pass, "", "The queue's policy allows "+service+" to send events of "+sender+".", "")
	case iam.ExplicitDeny:
		v.add(CheckSender, Fail, QueuePolicy, "A Deny in the queue's policy applies to "+service+".",
			"Remove the statement, or exempt the service from it.")
	case iam.ImplicitDeny:
		v.add(CheckSender, Fail, QueueSender, "No statement of the queue's policy allows "+service+
			" to send events of "+sender+".", setupHint)
	}
}

func (v *verifier) bucketARN() string {
	return "arn:" + strings.Split(v.setting.Queue, ":")[1] + ":s3:::" + v.source.Bucket
}

// senderAccount returns the account of a sender. A bucket's ARN has none: most often
// it belongs to the role's account.
func (v *verifier) senderAccount(sender string) string {
	if account := accountOf(sender); account != "" {
		return account
	}
	return v.account()
}

const (
	dayInSeconds   = 24 * 60 * 60
	fewestReceives = 3
)

// checkRedrive checks where messages go that can't be processed.
func (v *verifier) checkRedrive(attributes map[string]string) {
	var redrive struct {
		Target string          `json:"deadLetterTargetArn"` //nolint:tagliatelle // AWS's name
		Most   json.RawMessage `json:"maxReceiveCount"`     //nolint:tagliatelle // AWS's name
	}
	err := json.Unmarshal([]byte(attributes["RedrivePolicy"]), &redrive)
	most, numberErr := strconv.Atoi(strings.Trim(string(redrive.Most), `"`))
	retention, retentionErr := strconv.Atoi(attributes["MessageRetentionPeriod"])
	switch {
	case err != nil || redrive.Target == "":
		v.add(CheckRedrive, Warn, "", "The queue has no dead-letter queue: messages that aren't understood are received "+
			"until they expire.", setupHint)
	case numberErr != nil || most < fewestReceives:
		v.add(CheckRedrive, Warn, "", "Messages go to the dead-letter queue after fewer than 3 receives.",
			"Set maxReceiveCount to 10.")
	case retentionErr == nil && retention < dayInSeconds:
		v.add(CheckRedrive, Warn, "", "The queue keeps messages for less than a day: an outage loses events.",
			"Set the message retention period to 14 days.")
	default:
		v.add(CheckRedrive, Pass, "", "Messages that aren't understood go to "+redrive.Target+".", "")
	}
}

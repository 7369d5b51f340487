package aws

import (
	"cmp"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
)

const (
	storeNote = "%s is not AWS, so sessions of an AWS role don't work there. Attach this policy to a user of the " +
		"store, " +
		"and give Windlass the user's access key (Sources > Credentials > Add access key)."
	partitionNote = "The account is one of the partition %s: sign in there, and run commands and stacks in one of " +
		"its regions, such as %s."
	requesterPays = `Requester pays: Windlass sends "x-amz-request-payer: requester" with each request, ` +
		"so the account of the role or user pays for the requests and the data. " +
		"If another account owns the bucket, the bucket policy must allow it."
	kmsNote = "KMS: a key's own policy decides as well. The default key policy delegates to the policies of the " +
		"key's account. " +
		"The policy of a key in another account must allow the role kms:Decrypt%s."
	sessionNote = "Sessions of %d minutes: the maximum session duration of the role must be as long " +
		"(on its page in IAM under Edit, or aws iam update-role --role-name %s --max-session-duration %d)."
)

// Notes returns what the customer must know in addition to the policies, each
// in a sentence or two.
func (r Role) Notes() []string {
	var notes []string
	onAWS := r.Store == ""
	if !onAWS {
		notes = append(notes, fmt.Sprintf(storeNote, r.Store))
	}
	if p := cmp.Or(r.Need.Partition, generate.AWS); p != generate.AWS && onAWS {
		notes = append(notes, fmt.Sprintf(partitionNote, p, defaultRegion(p)))
	}
	if r.RequesterPays {
		notes = append(notes, requesterPays)
	}
	if len(r.Need.KMSKeyARNs) > 0 && onAWS {
		encrypts := ""
		if r.Need.Access == generate.ReadWrite {
			encrypts = " and kms:GenerateDataKey"
		}
		notes = append(notes, fmt.Sprintf(kmsNote, encrypts))
	}
	if r.SessionLength > time.Hour && onAWS {
		length := r.SessionLength
		notes = append(notes, fmt.Sprintf(sessionNote, int(length.Minutes()), r.Name, int(length.Seconds())))
	}
	return notes
}

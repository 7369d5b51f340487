package telemetry

// Messages of the log. A test fails on a message that isn't here: people search
// for them, and alert on them. What the attributes are is in
// docs/operate/logs.md.
const (
	// Of the service.
	ServiceStarted      = "service started"
	ServiceStopping     = "service stopping"
	ServiceStopped      = "service stopped"
	AdminListenerOff    = "admin listener off"
	FirstTokenKept      = "first token not deleted"
	MigrationApplied    = "migration applied"
	NotReady            = "not ready"
	SystemdNotNotified  = "systemd not notified"
	LogReopened         = "log reopened"
	CertificateNotRead  = "certificate not read again"
	NodeJoined          = "node joined"
	NodeLeft            = "node left"
	NodeDraining        = "node draining"
	NodeResumed         = "node resumed"
	NodeNotRecorded     = "node not recorded"
	SecurityLogFailed   = "security log failed"
	AuditFailed         = "audit failed"
	AuditArchived       = "audit archived"
	AuditNotArchived    = "audit not archived"
	DatasetsPurged      = "removed datasets purged"
	DatasetsNotPurged   = "removed datasets not purged"
	MetricsNotCollected = "metrics not collected"
	TracesNotSent       = "traces not sent"

	// Of requests and pages.
	RequestServed     = "request"
	RequestFailed     = "request failed"
	PageServed        = "page"
	PageFailed        = "page failed"
	PageNotRendered   = "page not rendered"
	AnswerNotKept     = "answer not kept"
	UsageNotStored    = "usage not stored"
	PollsNotForgotten = "unused cursors not deleted"
	AnswersNotCleaned = "kept answers not deleted"
	HandlerPanicked   = "handler panicked"
	AnswerCutOff      = "answer cut off"
	SessionNotKept    = "session not kept"
	LimitHit          = "limit hit"
	ProxyUntrusted    = "proxy untrusted"
	DialRefused       = "dial refused"
	DialFailed        = "connection failed"

	// Of loads and schedules.
	LoadStarted       = "load started"
	LoadEnded         = "load ended"
	LoadFailed        = "load failed"
	LoadRetried       = "load retried"
	LoadReleased      = "load released"
	LoadNotClaimed    = "load not claimed"
	LoadNotSaved      = "load not saved"
	ClaimLost         = "claim lost"
	LockTaken         = "connection of a lost node closed"
	ObjectFailed      = "object failed"
	EventsNotSet      = "settings of bucket events not read"
	EventsNotListed   = "bucket not listed for events"
	EventsNotRenewed  = "claim of work on bucket events not renewed"
	EventsNotLoaded   = "arrived objects not loaded"
	EventsNotReceived = "bucket events not received"
	EventUnknown      = "message not understood"
	EventNotExtended  = "visibility of messages not extended"
	EventNotRecorded  = "failed receive not recorded"
	ScheduleFired     = "schedule fired"
	ScheduleMissed    = "schedule missed"
	ScheduleNotFired  = "schedule not fired"
	SchedulesNotFound = "due schedules not found"

	// Of rows and queries.
	SegmentDamaged    = "segment damaged"
	RowsNotRemoved    = "retired rows not removed"
	SegmentNotRemoved = "segment not removed"
	RowsNotSwept      = "files of rows not swept"
	CompactionDone    = "compaction done"
	CompactionFailed  = "compaction failed"
	QueryFailed       = "query failed"
	QueryEnded        = "query process ended"

	// Of backups.
	BackupMade       = "backup made"
	BackupFailed     = "backup failed"
	BackupsNotPruned = "old backups not removed"

	// Of notifications.
	NotificationFailed  = "notification failed"
	NotificationsFailed = "notifications not handled"
	MailNotSent         = "mail not sent"

	// Of integrations.
	IntegrationState = "integration state"
	DoctorFailed     = "verification not recorded"
)

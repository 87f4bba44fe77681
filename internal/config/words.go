package config

// KeepServer is what becomes of the server in horizontal.
type KeepServer string

// The server stays as a stage has it, or goes.
const (
	KeepSingle   KeepServer = "single"
	KeepVertical KeepServer = "vertical"
	KeepNone     KeepServer = "none"
)

// DNSTarget is where the record points in horizontal.
type DNSTarget string

// The record points at the balancer, or at the server's address.
const (
	DNSBalancer DNSTarget = "balancer"
	DNSServer   DNSTarget = "server"
)

// Sessions is how a user's session survives a fleet.
type Sessions string

// By a cookie of the balancer, in a Valkey cache, or not at all: the app keeps none.
const (
	SessionsSticky Sessions = "sticky"
	SessionsRedis  Sessions = "redis"
	SessionsNone   Sessions = "none"
)

// ScalingPolicy is how the fleet scales.
type ScalingPolicy string

// One node at a time with a cooldown, by steps, or towards a target.
const (
	ScaleSimple   ScalingPolicy = "simple"
	ScaleStep     ScalingPolicy = "step"
	ScaleToTarget ScalingPolicy = "targetTracking"
)

// Metric is what ScaleToTarget holds steady.
type Metric string

// Average CPU, or requests per node.
const (
	MetricCPU      Metric = "cpu"
	MetricRequests Metric = "requests"
)

// Credits is how T instances pay for CPU above their baseline.
type Credits string

// By the hour, or not at all: they slow down to the baseline.
const (
	CreditsUnlimited Credits = "unlimited"
	CreditsStandard  Credits = "standard"
)

// What Config.Uploads says besides the name of an existing bucket.
const (
	UploadsNone   = "none"
	UploadsCreate = "create"
)

package config

import "time"

// SignalTimeout is how long CloudFormation waits for a node's report, and how long Systems Manager's document waits at least for
// a revision: three minutes more than a machine may take to become healthy, so that it can still say that it failed.
// CloudFormation counts from its launch, the machine from when its script starts, 60 to 100 seconds later on a t2.micro.
func (c *Config) SignalTimeout() time.Duration {
	return time.Duration(c.HealthCheckGraceSeconds)*time.Second + 3*time.Minute
}

// installation is how long a server may take, besides answering its health check, to install Node and pm2 and an app's
// dependencies on one small processor; minutes are usual. A build has ten more, after which the machine ends it.
func (c *Config) installation() time.Duration {
	if c.BuildCommand != "" {
		return 25 * time.Minute
	}
	return 15 * time.Minute
}

// RevisionTimeout is how long a server may take for a new revision.
func (c *Config) RevisionTimeout() time.Duration { return c.SignalTimeout() + c.installation() }

// ServerTimeout is how long CloudFormation waits for a server's report, 0 where nothing on it could answer, so
// that nothing waits.
func (c *Config) ServerTimeout() time.Duration {
	switch {
	case c.AdoptedServer != nil: // which is there
		return 0
	case c.GitRepository != "":
		return c.RevisionTimeout()
	case c.ImageID != "":
		return c.SignalTimeout()
	}
	return 0
}

"""The services that ministack lacks or does otherwise than AWS, one module each. Each lists its TYPES for CloudFormation."""

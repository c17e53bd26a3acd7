"""The S3 server that comes with us, for a server alone on its machine: SeaweedFS on loopback. (docs/adr/0018)"""

"""The typed configuration of a training: one place for every choice, its default, its bounds and its meaning."""

from samplecase.training.config.base import Settings, identity
from samplecase.training.config.reading import config_schema, parse_config
from samplecase.training.config.setting import with_settings
from samplecase.training.config.training import TrainingConfig

__all__ = ["Settings", "TrainingConfig", "config_schema", "identity", "parse_config", "with_settings"]

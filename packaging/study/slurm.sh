#!/bin/bash
# One night of a study as a Slurm array: sbatch slurm.sh, in the folder of study.toml, nightly from cron or scrontab.
#
# Each task is a shard: its number and their count come from the array itself (--shard auto). A task that is requeued, or an
# array that overlaps with yesterday's, costs requests and never data. Shards: some 100 participants each are a good size.
#
#SBATCH --job-name=fitbit-hr
#SBATCH --array=0-7
#SBATCH --cpus-per-task=1
#SBATCH --mem=256M
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --output=logs/%A-%a.log
set -euo pipefail
# Ends with 75 if more than one in twenty failed, 77 or 78 if it is the study's own fault; fitbit-hr study status says who.
exec fitbit-hr study sync --shard auto

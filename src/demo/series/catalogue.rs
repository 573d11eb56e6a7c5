//! The table of types: every one that the service lets one read.
//!
//! After the discovery document `health.v4` of revision 20261030, and what is known of the live service's habits.

use super::awake::{self, labelled, minutes};
use super::point::{Action, Asked, DataType, Labelled, Point, RollUp, Shape, one};
use super::{daily, logs, sleeps, workouts};
use crate::demo::json::Json;
use Action::{DailyRollUp, List, Reconcile};
use RollUp::{ByLabel, ByName, Length, Mean, Sum};
use Shape::{Daily, Ecg, Interval, Sample, Session, Sleep};

const METRICS: &str = "health_metrics_and_measurements";
const ACTIVITY: &str = "activity_and_fitness";

const READ: &[Action] = &[List, Reconcile];
const ALL: &[Action] = &[List, Reconcile, Action::RollUp, DailyRollUp];
const NOT_LISTED: &[Action] = &[Reconcile, Action::RollUp, DailyRollUp];
const ROLLED_UP: &[Action] = &[Action::RollUp, DailyRollUp];

const RATES: [&str; 3] = [
    "beatsPerMinuteAvg",
    "beatsPerMinuteMax",
    "beatsPerMinuteMin",
];
const CELSIUS: [&str; 3] = [
    "temperatureCelsiusAvg",
    "temperatureCelsiusMax",
    "temperatureCelsiusMin",
];
const STATS: &str = "fullSleepStats(breathsPerMinute,standardDeviation,signalToNoise),\
    deepSleepStats(breathsPerMinute,standardDeviation,signalToNoise),\
    lightSleepStats(breathsPerMinute,standardDeviation,signalToNoise),\
    remSleepStats(breathsPerMinute,standardDeviation,signalToNoise)";
const SLEEP: &str = "type,stages(startTime,startUtcOffset,endTime,endUtcOffset,type,createTime,updateTime),\
    shortAwakenings(startTime,startUtcOffset,endTime,endUtcOffset,type,createTime,updateTime),\
    outOfBedSegments(startTime,startUtcOffset,endTime,endUtcOffset),createTime,updateTime,\
    metadata(stagesStatus,processed,mainSleep,nap,manuallyEdited,externalId),\
    summary(minutesInSleepPeriod,minutesAfterWakeUp,minutesToFallAsleep,minutesAsleep,minutesAwake,\
    stagesSummary(type,minutes,count))";
const EXERCISE: &str = "exerciseType,displayName,notes,activeDuration,createTime,updateTime,metricsSummary,\
    exerciseMetadata(hasGps,poolLengthMillimeters),exerciseEvents(eventTime,eventUtcOffset,exerciseEventType),\
    splits(startTime,startUtcOffset,endTime,endUtcOffset,activeDuration,splitType,metricsSummary),\
    splitSummaries(startTime,startUtcOffset,endTime,endUtcOffset,activeDuration,splitType,metricsSummary)";

const fn no_copy(_: &Asked<'_>, _: &Point) -> Option<Point> {
    None
}

/// A type that is read and no more.
const fn read(
    name: &'static str,
    shape: Shape,
    scope: &'static str,
    members: &'static str,
    points: fn(&Asked<'_>) -> Vec<Point>,
) -> DataType {
    DataType {
        name,
        shape,
        scope,
        actions: READ,
        members,
        roll_up: None,
        points,
        copy: no_copy,
    }
}

/// A measurement.
const fn metric(
    name: &'static str,
    shape: Shape,
    members: &'static str,
    points: fn(&Asked<'_>) -> Vec<Point>,
) -> DataType {
    read(name, shape, METRICS, members, points)
}

/// An activity that can be rolled up.
const fn activity(
    name: &'static str,
    members: &'static str,
    roll_up: RollUp,
    points: fn(&Asked<'_>) -> Vec<Point>,
) -> DataType {
    read(name, Interval, ACTIVITY, members, points).rolled_up(roll_up, 90)
}

impl DataType {
    const fn rolled_up(mut self, roll_up: RollUp, days: i64) -> Self {
        self.roll_up = Some((roll_up, days));
        self.actions = ALL;
        self
    }

    /// With a longest span of a roll-up in days.
    const fn within(mut self, days: i64) -> Self {
        if let Some((roll_up, _)) = self.roll_up {
            self.roll_up = Some((roll_up, days));
        }
        self
    }

    const fn with(mut self, actions: &'static [Action]) -> Self {
        self.actions = actions;
        self
    }

    const fn copied(mut self, copy: fn(&Asked<'_>, &Point) -> Option<Point>) -> Self {
        self.copy = copy;
        self
    }
}

static TYPES: &[DataType] = &[
    metric("heart-rate", Sample, "beatsPerMinute,metadata", awake::beats)
        .rolled_up(Mean("beatsPerMinute", &RATES), 14)
        .copied(awake::strap),
    metric(
        "heart-rate-variability",
        Sample,
        "rootMeanSquareOfSuccessiveDifferencesMilliseconds,standardDeviationMilliseconds,\
         metadata(lowFrequencyPower,highFrequencyPower)",
        sleeps::variability,
    ),
    metric("oxygen-saturation", Sample, "percentage", sleeps::oxygen),
    metric("respiratory-rate-sleep-summary", Sample, STATS, sleeps::breathing),
    metric("weight", Sample, "weightGrams,notes", logs::weight)
        .rolled_up(Mean("weightGrams", &["weightGramsAvg"]), 90),
    metric("body-fat", Sample, "percentage", logs::body_fat)
        .rolled_up(Mean("percentage", &["bodyFatPercentageAvg"]), 90),
    metric("height", Sample, "heightMillimeters", logs::height),
    metric(
        "blood-glucose",
        Sample,
        "bloodGlucoseMilligramsPerDeciliter,mealType,measurementSource,measurementTiming,specimen,notes",
        logs::glucose,
    )
    .rolled_up(
        Mean("bloodGlucoseMilligramsPerDeciliter", &["bloodGlucoseMilligramsPerDeciliterAvg"]),
        90,
    ),
    metric("core-body-temperature", Sample, "id,temperatureCelsius,measurementLocation", logs::temperature)
        .rolled_up(Mean("temperatureCelsius", &CELSIUS), 90),
    read("vo2-max", Sample, ACTIVITY, "vo2Max,measurementMethod", logs::vo2max),
    read("run-vo2-max", Sample, ACTIVITY, "runVo2Max", logs::run_vo2max)
        .rolled_up(Mean("runVo2Max", &["rateAvg", "rateMax", "rateMin"]), 90),
    activity("steps", "count", Sum("count", "countSum"), |asked| {
        minutes(asked, |minute| awake::count("count", minute.steps.into()))
    })
    .copied(awake::phone),
    activity("distance", "millimeters", Sum("millimeters", "millimetersSum"), |asked| {
        minutes(asked, |minute| awake::count("millimeters", minute.distance_mm()))
    })
    .copied(awake::phone),
    activity("floors", "count", Sum("count", "countSum"), |asked| {
        minutes(asked, |minute| awake::count("count", minute.floors.into()))
    })
    .with(NOT_LISTED),
    activity("altitude", "gainMillimeters", Sum("gainMillimeters", "gainMillimetersSum"), |asked| {
        minutes(asked, |minute| awake::count("gainMillimeters", 3050 * i64::from(minute.floors)))
    }),
    activity("active-energy-burned", "kcal", Sum("kcal", "kcalSum"), |asked| {
        minutes(asked, awake::active_calories)
    }),
    read("basal-energy-burned", Interval, ACTIVITY, "kcal", awake::basal),
    activity("total-calories", "", Sum("kcal", "kcalSum"), |asked| {
        minutes(asked, |minute| Some(one("kcal", Json::Number(minute.kcal))))
    })
    .within(14)
    .with(ROLLED_UP),
    activity(
        "calories-in-heart-rate-zone",
        "",
        ByLabel(
            "heartRateZone",
            ["caloriesInHeartRateZones", "heartRateZone"],
            Labelled::Sum("kcal", "kcal"),
        ),
        |asked| minutes(asked, awake::zone_calories),
    )
    .within(14)
    .with(ROLLED_UP),
    activity(
        "active-minutes",
        "activeMinutesByActivityLevel(activityLevel,activeMinutes)",
        ByLabel(
            "activityLevel",
            ["activeMinutesRollupByActivityLevel", "activityLevel"],
            Labelled::Sum("activeMinutes", "activeMinutesSum"),
        ),
        |asked| minutes(asked, awake::active_minute),
    )
    .within(14),
    activity(
        "active-zone-minutes",
        "heartRateZone,activeZoneMinutes",
        ByName(
            "heartRateZone",
            "activeZoneMinutes",
            &[
                ("FAT_BURN", "sumInFatBurnHeartZone"),
                ("CARDIO", "sumInCardioHeartZone"),
                ("PEAK", "sumInPeakHeartZone"),
            ],
        ),
        |asked| minutes(asked, awake::zone_minutes),
    ),
    activity(
        "activity-level",
        "activityLevelType",
        ByLabel(
            "activityLevelType",
            ["activityLevelRollupsByActivityLevelType", "activityLevelType"],
            Labelled::Length("totalDuration"),
        ),
        |asked| labelled(asked, "activityLevelType", awake::level_name),
    ),
    activity("sedentary-period", "", Length("durationSum"), awake::sitting),
    activity(
        "time-in-heart-rate-zone",
        "heartRateZoneType",
        ByLabel(
            "heartRateZoneType",
            ["timeInHeartRateZones", "heartRateZone"],
            Labelled::Length("duration"),
        ),
        |asked| labelled(asked, "heartRateZoneType", |minute| minute.zone.name()),
    ),
    activity(
        "swim-lengths-data",
        "swimStrokeType,strokeCount",
        Sum("strokeCount", "strokeCountSum"),
        |asked| minutes(asked, awake::lengths),
    ),
    read("sleep", Sleep, "sleep", SLEEP, sleeps::sleeps),
    read("exercise", Session, ACTIVITY, EXERCISE, workouts::workouts),
    read(
        "electrocardiogram",
        Ecg,
        "ecg",
        "resultClassification,beatsPerMinuteAvg,samplingFrequencyHertz,millivoltsScalingFactor,leadNumber,\
         waveformSamples,medicalDeviceInfo",
        logs::ecg,
    )
    .with(&[List]),
    read(
        "irregular-rhythm-notification",
        Session,
        "irn",
        "alertWindows,medicalDeviceInfo",
        logs::rhythm,
    )
    .with(&[List]),
    read("hydration-log", Session, "nutrition", "amountConsumed", logs::hydration),
    read(
        "nutrition-log",
        Session,
        "nutrition",
        "foodDisplayName,mealType,energy,energyFromFat,totalCarbohydrate,totalFat,food,serving,\
         nutrients(nutrient,quantity)",
        logs::nutrition,
    ),
    metric(
        "daily-resting-heart-rate",
        Daily,
        "beatsPerMinute,dailyRestingHeartRateMetadata(calculationMethod)",
        daily::resting,
    )
    .copied(awake::lower),
    metric(
        "daily-heart-rate-variability",
        Daily,
        "averageHeartRateVariabilityMilliseconds,nonRemHeartRateBeatsPerMinute,entropy,\
         deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds",
        daily::variability,
    ),
    metric(
        "daily-oxygen-saturation",
        Daily,
        "averagePercentage,lowerBoundPercentage,upperBoundPercentage,standardDeviationPercentage",
        daily::oxygen,
    ),
    metric("daily-respiratory-rate", Daily, "breathsPerMinute", daily::breathing),
    metric(
        "daily-sleep-temperature-derivations",
        Daily,
        "nightlyTemperatureCelsius,baselineTemperatureCelsius,relativeNightlyStddev30dCelsius",
        daily::temperature,
    ),
    read(
        "daily-vo2-max",
        Daily,
        ACTIVITY,
        "vo2Max,vo2MaxCovariance,cardioFitnessLevel,estimated",
        daily::vo2max,
    ),
    metric(
        "daily-heart-rate-zones",
        Daily,
        "heartRateZones(heartRateZoneType,minBeatsPerMinute,maxBeatsPerMinute)",
        daily::zones,
    ),
];

/// A type by its name in paths; `None` for one that the service does not have.
pub fn find(name: &str) -> Option<&'static DataType> {
    TYPES.iter().find(|known| known.name == name)
}

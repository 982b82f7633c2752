use crate::types::{TaskInputMethod, TaskType};
use crate::wire::{Double, Instant, message};

message! {
    /// A postal address. In a request, codes are put into their usual form where that is clear, and kept as they are where
    /// it is not.
    Address {
        /// Street and number.
        address1 "address1": String,
        /// Flat, floor, building.
        address2 "address2": String,
        /// City, town or village.
        city "city": String,
        /// ISO 3166-2 subdivision without the country's prefix.
        province_code "provinceCode": String,
        /// ISO 3166-1 alpha-2.
        country_code "countryCode": String,
        /// Postal code.
        zip "zip": String,
    }
}

message! {
    /// A key and a value for somebody else's system.
    Attribute {
        /// Never blank.
        key "key": String,
        /// The value.
        value "value": String,
    }
}

message! {
    /// Who receives.
    Contact {
        /// Given name.
        first_name "firstName": String,
        /// Family name.
        last_name "lastName": String,
        /// Company.
        company "company": String,
        /// Telephone number, in E.164 where it can be told.
        phone "phone": String,
        /// E-mail address.
        email "email": String,
    }
}

message! {
    /// A day.
    Date {
        /// 1 to 9999.
        year "year": i32,
        /// 1 to 12.
        month "month": i32,
        /// 1 to 31, as far as the month goes.
        day "day": i32,
    }
}

message! {
    /// A position. (0, 0), which is sent where nothing is known, is none.
    LatLng {
        /// Degrees, -90 to 90.
        latitude "latitude": Double,
        /// Degrees, -180 to 180.
        longitude "longitude": Double,
    }
}

message! {
    /// What a driver left behind as evidence.
    StopAttachment {
        /// `att-…`
        id "id": String,
        /// When it was made.
        created_at "createdAt": Option<Instant>,
        /// Where it can be fetched for a while.
        url "url": String,
    }
}

message! {
    /// Something to hand over.
    StopItem {
        /// What it is.
        name "name": String,
        /// How many.
        quantity "quantity": i32,
        /// Weight of each in grams.
        grams "grams": i32,
    }
}

message! {
    /// Work for a driver.
    Task {
        /// `tsk-…`
        id "id": String,
        /// What it is called.
        title "title": String,
        /// How it is answered.
        kind "type": TaskType,
        /// Of `CHECKBOXES` and `RADIO_BUTTONS`.
        items "items": Vec<TaskItem>,
        /// What the driver entered, of the other types.
        input "input": Option<TaskInput>,
        /// Whether it has to be done before the stop is completed, the route is started (on a start) or completed (on an end).
        required_to_mark_stop_as_delivered "requiredToMarkStopAsDelivered": bool,
        /// Whether it has to be done before the stop is marked as attempted.
        required_to_mark_stop_as_attempted "requiredToMarkStopAsAttempted": bool,
    }
}

message! {
    /// What a driver entered.
    TaskInput {
        /// The text, number or code.
        value "value": String,
        /// When.
        updated_at "updatedAt": Option<Instant>,
        /// How.
        input_method "inputMethod": TaskInputMethod,
    }
}

message! {
    /// One item of a task's list.
    TaskItem {
        /// `itm-…`
        id "id": String,
        /// What it is called.
        title "title": String,
        /// Whether it is ticked.
        complete "complete": bool,
        /// When it was ticked.
        updated_at "updatedAt": Option<Instant>,
    }
}

message! {
    /// One item of a task's list, as it is asked for.
    TaskItemTemplate {
        /// What it is called.
        title "title": String,
    }
}

message! {
    /// Work for a driver, as it is asked for.
    TaskTemplate {
        /// What it is called.
        title "title": String,
        /// How it is to be answered.
        kind "type": TaskType,
        /// At least one for `CHECKBOXES` and `RADIO_BUTTONS`, none for the others.
        items "items": Vec<TaskItemTemplate>,
        /// Whether it has to be done before the stop is completed.
        required_to_mark_stop_as_delivered "requiredToMarkStopAsDelivered": bool,
        /// Whether it has to be done before the stop is marked as attempted.
        required_to_mark_stop_as_attempted "requiredToMarkStopAsAttempted": bool,
    }
}

message! {
    /// A time by the clock on the wall.
    TimeOfDay {
        /// 0 to 23.
        hours "hours": i32,
        /// 0 to 59.
        minutes "minutes": i32,
        /// 0 to 59.
        seconds "seconds": i32,
    }
}

message! {
    /// When service may begin: times of the day of delivery. An absent side is open.
    TimeWindow {
        /// The earliest time.
        start "start": Option<TimeOfDay>,
        /// The latest time, not before the earliest.
        end "end": Option<TimeOfDay>,
    }
}

message! {
    /// A refusal.
    Status {
        /// gRPC's number for what went wrong.
        code "code": i32,
        /// What went wrong; where fields are, each with its path.
        message "message": String,
        /// Nothing more is said: empty.
        details "details": Vec<String>,
    }
}
